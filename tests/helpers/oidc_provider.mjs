// A real OpenID Connect provider, for tests: panva's oidc-provider. Arguments: port, redirect URIs.
// POST /test/accounts sets the claims of accounts, {id: claims}; anybody signs in with any password.

import { Provider } from "oidc-provider";

const [port, ...redirectUris] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
let accounts = {};

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "chat",
      client_secret: "a secret of the tests: 50%",
      redirect_uris: redirectUris,
      post_logout_redirect_uris: redirectUris.map((uri) => new URL("/login", uri).href),
    },
  ],
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username", "groups"],
    email: ["email", "email_verified"],
  },
  cookies: { keys: ["a key of the tests"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  async findAccount(ctx, id) {
    return { accountId: id, claims: async () => ({ ...accounts[id], sub: id }) };
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  if (ctx.path !== "/test/accounts") return next();
  let text = "";
  for await (const chunk of ctx.req) text += chunk;
  accounts = JSON.parse(text);
  ctx.body = {};
});
provider.on("server_error", (ctx, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
