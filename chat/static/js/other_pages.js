// Makes live what only pages beside rooms contain (helpers/other_pages.js loads it when one needs it).

import { AccountDeletion } from "./elements/account_deletion.js";
import { ApartMessages } from "./elements/apart_messages.js";
import { AskFirst } from "./elements/ask_first.js";
import { AvatarEditor } from "./elements/avatar_editor.js";
import { CopyField } from "./elements/copy_field.js";
import { EmojiField } from "./elements/emoji_field.js";
import { ExportList } from "./elements/export_list.js";
import { InstallHint } from "./elements/install_hint.js";
import { LengthNote } from "./elements/length_note.js";
import { ListFilter } from "./elements/list_filter.js";
import { MessageSearch } from "./elements/message_search.js";
import { NotificationPermission } from "./elements/notification_permission.js";
import { PasskeyMaker } from "./elements/passkey_maker.js";
import { PasswordField } from "./elements/password_field.js";
import { PushDevice } from "./elements/push_device.js";
import { RoomInvitations } from "./elements/room_invitations.js";
import { SettingForm } from "./elements/setting_form.js";
import { ShareTarget } from "./elements/share_target.js";
import { SoundSample } from "./elements/sound_sample.js";
import { UnreadRooms } from "./elements/unread_rooms.js";
import { followUsage } from "./helpers/install_offer.js";

customElements.define("account-deletion", AccountDeletion);
customElements.define("avatar-editor", AvatarEditor);
customElements.define("setting-form", SettingForm);
customElements.define("copy-field", CopyField);
customElements.define("length-note", LengthNote);
customElements.define("emoji-field", EmojiField);
customElements.define("list-filter", ListFilter);
customElements.define("export-list", ExportList);
customElements.define("passkey-maker", PasskeyMaker);
customElements.define("password-field", PasswordField);
customElements.define("notification-permission", NotificationPermission);
customElements.define("push-device", PushDevice);
customElements.define("unread-rooms", UnreadRooms);
customElements.define("apart-messages", ApartMessages);
customElements.define("room-invitations", RoomInvitations);
customElements.define("message-search", MessageSearch);
customElements.define("ask-first", AskFirst);
customElements.define("share-target", ShareTarget);
customElements.define("install-hint", InstallHint);
customElements.define("sound-sample", SoundSample);

followUsage();
