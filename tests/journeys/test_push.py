"""A browser shows push messages while nobody looks, once each, and its person turns them on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Error, Page, expect

from tests.helpers.pages import live, message
from tests.helpers.world import World
from tests.journeys.conftest import Opened

# A push service that takes any browser: the real one is another host.
SUBSCRIBES = """
    const keys = {
        p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx" +
            "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth: "BTBZMqHH6r4Tts7J_aSIgg",
    };
    const endpoint = "https://127.0.0.1:9/push/" + crypto.randomUUID();
    let subscription = null;
    window.asked = [];
    Notification.requestPermission = async () => "granted";
    Object.defineProperty(Notification, "permission", { get: () => "default" });
    PushManager.prototype.getSubscription = async () => subscription;
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        asked.push(applicationServerKey.length);
        return (subscription = {
            endpoint,
            options: { applicationServerKey },
            toJSON: () => ({ endpoint, expirationTime: null, keys }),
            unsubscribe: async () => Boolean((subscription = null)) || true,
        });
    };
"""
# Headless browsers show no notifications, so the service worker gets a place to put them. Browsers
# stop an idle service worker at any moment, so all of this is one step.
PUSH_AND_CLICK = """async (texts) => {
    let shown = [];
    Object.defineProperty(navigator, "setAppBadge", { value: null }); // it ends a headless one
    const without = (wanted) => shown.filter(({ tag }) => tag !== wanted);
    registration.showNotification = async (title, options) => {
        const close = () => (shown = without(options.tag));
        shown = [...without(options.tag), { title, ...options, close }];
    };
    registration.getNotifications = async () => shown;
    const dispatch = async (event, more) => {
        const work = [];
        dispatchEvent(Object.assign(event, more, { waitUntil: (each) => work.push(each) }));
        await Promise.allSettled(work);
    };
    for (const data of texts) await dispatch(new PushEvent("push", { data }));
    const pushed = shown.map(({ tag, body }) => ({ tag, body }));
    const notification = shown.at(-1);
    await dispatch(new ExtendableEvent("notificationclick"), { notification });
    return { pushed, left: shown.map(({ tag }) => tag) };
}"""


def push_and_click(page: Page, *notices: dict[str, Any]) -> dict[str, Any]:
    """Let push messages come, click the last one, and return what was shown and is left."""
    texts = [json.dumps(each) for each in notices]
    for _ in range(20):
        try:
            (worker,) = page.context.service_workers
            done: dict[str, Any] = worker.evaluate(PUSH_AND_CLICK, texts)
        except Error as error:
            assert "restarted" in str(error), error
            page.wait_for_timeout(100)
        else:
            return done
    raise AssertionError("the service worker never runs long enough")


def notice(room_id: str, said: dict[str, Any]) -> dict[str, Any]:
    seq = said["seq"]
    return {
        "tag": said["id"],
        "title": "Harbour chat",
        "body": "New message in the chat.",
        "url": f"/rooms/{room_id}?around={seq}#message-{seq}",
        "room_id": room_id,
        "seq": seq,
        "read_seq": 0,
    }


def test_a_push_message_is_shown_once_and_leads_to_its_room_in_the_window_that_is_open(
    opened: Opened, world: World
) -> None:
    harbour, garden = world.room(name="Harbour"), world.room(name="Garden")
    first, second = (world.carol.say(garden, text) for text in ("one", "two"))
    page = live(opened(world.bob), harbour)
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    done = push_and_click(page, *(notice(garden, said) for said in (first, first, second)))
    assert done["pushed"] == [
        {"tag": first["id"], "body": "New message in the chat."},
        {"tag": second["id"], "body": "New message in the chat."},
    ]
    assert done["left"] == [first["id"]]
    expect(message(page, "two")).to_be_visible()
    assert garden in page.url


def test_somebody_turns_it_on_tries_it_and_turns_it_off(
    opened: Opened, world: World, picture: Callable[[Page, str], None]
) -> None:
    page = opened(world.bob)
    page.add_init_script(SUBSCRIBES)
    page.goto("/settings/notifications")
    switch = page.get_by_role("switch", name="Notify me on this device")
    expect(switch).to_be_enabled()
    expect(switch).not_to_be_checked()
    assert page.evaluate("asked") == [], "nothing is asked before somebody turns it on"
    switch.click()
    devices = page.locator("#push .rows .row")
    expect(devices).to_have_count(1)
    expect(devices).to_contain_text("this device")
    expect(switch).to_be_checked()
    assert page.evaluate("asked") == [65]
    picture(page, "push-on")
    devices.get_by_role("button", name="Test tests").click()
    expect(page.get_by_text("We couldn’t reach that device’s push service")).to_be_visible()
    expect(page.get_by_role("switch", name="Notify me on this device")).to_be_checked()
    picture(page, "push-tested")
    content = page.get_by_role("switch", name="Show who wrote what")
    content.click()
    expect(page.locator("#push .setting-status")).to_have_text("Saved")
    assert world.bob.get("/me/preferences").json()["push_content"] is True
    page.get_by_role("switch", name="Notify me on this device").click()
    expect(devices).to_have_count(0)
    assert world.bob.get("/me/push-subscriptions").json()["subscriptions"] == []


def test_where_a_browser_cannot_do_it_the_page_says_what_to_do(
    opened: Opened, world: World
) -> None:
    page = opened(world.bob, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)")
    page.add_init_script("delete window.PushManager")
    page.goto("/settings/notifications")
    expect(page.get_by_text("first add the chat to your home screen")).to_be_visible()
    expect(page.get_by_role("switch", name="Notify me on this device")).to_be_disabled()
