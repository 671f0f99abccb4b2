// Makes pages live. Each element is a file; the pages work without any of this.

import { AbsentNotice } from "./elements/absent_notice.js";
import { AskFirst } from "./elements/ask_first.js";
import { AvatarEditor } from "./elements/avatar_editor.js";
import { ConnectionNotice } from "./elements/connection_notice.js";
import { EmojiPicker } from "./elements/emoji_picker.js";
import { ImageViewer } from "./elements/image_viewer.js";
import { InvitationLink } from "./elements/invitation_link.js";
import { MemberCount } from "./elements/member_count.js";
import { MentionSuggestions } from "./elements/mention_suggestions.js";
import { MessageComposer } from "./elements/message_composer.js";
import { MessageMenu } from "./elements/message_menu.js";
import { MessageTimeline } from "./elements/message_timeline.js";
import { NotificationAnnouncer } from "./elements/notification_announcer.js";
import { NotificationPermission } from "./elements/notification_permission.js";
import { PasswordField } from "./elements/password_field.js";
import { PresenceDot } from "./elements/presence_dot.js";
import { ReadReceipts } from "./elements/read_receipts.js";
import { RoomInvitations } from "./elements/room_invitations.js";
import { RoomList } from "./elements/room_list.js";
import { RoomSettings } from "./elements/room_settings.js";
import { RoomTitle } from "./elements/room_title.js";
import { SettingForm } from "./elements/setting_form.js";
import { SignOut } from "./elements/sign_out.js";
import { SearchField } from "./elements/search_field.js";
import { TypingNotice } from "./elements/typing_notice.js";
import { connection } from "./models/connection.js";
import { keepSending } from "./models/my_outbox.js";
import { people } from "./models/people.js";
import { leaveComposedWordsAlone } from "./helpers/composed_words.js";
import { reportAttention } from "./helpers/attention.js";
import { keepPageWhenFilesAreDropped } from "./helpers/dropped_files.js";
import { markLoaded } from "./helpers/loaded_image.js";
import { startNavigation } from "./helpers/navigation.js";
import { completePart } from "./helpers/page_fragments.js";
import { followOwnAccount } from "./helpers/own_account.js";
import { followPreferences } from "./helpers/preferences.js";
import { keepSessionFresh } from "./helpers/session.js";
import { keepTimesCurrent, rememberTimeZone } from "./helpers/time.js";
import { fitAboveKeyboard } from "./helpers/visible_height.js";

leaveComposedWordsAlone();
rememberTimeZone();
completePart(document);
keepTimesCurrent();
startNavigation();

// Before the elements, which show names.
connection.addEventListener("entry", ({ detail }) => people.store(detail.message.author));
connection.addEventListener("user:updated", ({ detail }) => people.store(detail.user));

customElements.define("absent-notice", AbsentNotice);
customElements.define("connection-notice", ConnectionNotice);
customElements.define("room-list", RoomList);
customElements.define("invitation-link", InvitationLink);
customElements.define("room-invitations", RoomInvitations);
customElements.define("member-count", MemberCount);
customElements.define("message-timeline", MessageTimeline);
customElements.define("read-receipts", ReadReceipts);
customElements.define("message-composer", MessageComposer);
customElements.define("message-menu", MessageMenu);
customElements.define("emoji-picker", EmojiPicker);
customElements.define("typing-notice", TypingNotice);
customElements.define("presence-dot", PresenceDot);
customElements.define("room-title", RoomTitle);
customElements.define("room-settings", RoomSettings);
customElements.define("mention-suggestions", MentionSuggestions);
customElements.define("notification-announcer", NotificationAnnouncer);
customElements.define("notification-permission", NotificationPermission);
customElements.define("image-viewer", ImageViewer);
customElements.define("sign-out", SignOut);
customElements.define("password-field", PasswordField);
customElements.define("setting-form", SettingForm);
customElements.define("ask-first", AskFirst);
customElements.define("avatar-editor", AvatarEditor);
customElements.define("search-field", SearchField);

document.addEventListener("load", ({ target }) => markLoaded(target), { capture: true });

followPreferences();
followOwnAccount();
keepSending();
connection.open(document.querySelector("#main").dataset.me);
keepSessionFresh();
reportAttention();
fitAboveKeyboard();
keepPageWhenFilesAreDropped();
