"""More than two hundred strings that want to be more than text."""

from __future__ import annotations

RUN = "window.hacked=1;alert(1)"
PAYLOADS = [
    f"<script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg/onload={RUN}>", f"<body onload={RUN}>",
    f"<iframe src=javascript:{RUN}>", f'"><script>{RUN}</script>', f"'><img src=x onerror={RUN}>", f'" autofocus onfocus="{RUN}',
    f"' onmouseover='{RUN}", f"`onmouseover={RUN}`", f"</title><script>{RUN}</script>", f"</textarea><script>{RUN}</script>",
    f"</template><img src=x onerror={RUN}>", f"--><script>{RUN}</script>", f"<a href=javascript:{RUN}>x</a>", f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}", f"&#106;avascript:{RUN}", f"data:text/html,<script>{RUN}</script>", f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;", f"<math><mtext><img src=x onerror={RUN}></math>", f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>", f"<video><source onerror={RUN}></video>", "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//x.org/x.css>", "<base href=//x.org/>", "<meta http-equiv=refresh content=0;url=//x.org>",
    "<form action=//x.org><button>", f"{{{{ {RUN} }}}}", f"${{{RUN}}}", f"{{% set x = '{RUN}' %}}", "{{ config }} {{ 7*7 }}",
    f"<object data=javascript:{RUN}>", "<!--", "<![CDATA[", "]]>", "\u202egnp.exe", "\u2066\u2069" * 20, "Z\u0351\u036b\u0343" * 12,
    "\u200b", "\U0001f469\u200d\U0001f469" * 9, "a" * 250, "\ufeff<b>", "\u2028\u2029", "%00%3Cscript%3E", "../../etc/passwd",
    "'; DROP TABLE users; --", "@room @everyone", "`" * 60,
]
WRAPPINGS = ["{}", "[x]({})", "![x]({})", "```{}\n{}\n```\n|{}|\n|-|\n|{}|"]
HOSTILE = [wrapping.replace("{}", payload) for wrapping in WRAPPINGS for payload in PAYLOADS]
