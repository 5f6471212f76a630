"""The stand-in's page: comments, their tree, what is refused and what the desk is told."""

from __future__ import annotations

from ganzohr.proofs.meta import Platform
from ganzohr.proofs.meta.world import Comment, Post
from tests.proofs.meta.desk import Client, Desk

READ = "id,message,comments.limit(2){id,message,from,comments{id,message}}"


def scene(platform: Platform) -> tuple[Post, Comment]:
    page = platform.add_page("Kliniken Auental")
    lena = platform.people.person("Lena")
    post = platform.people.post(page, "Wir suchen dich")
    return post, platform.people.comment(post, lena, "Geht das in Teilzeit?")


def test_a_reply_stands_below_its_comment_and_comes_back_as_the_pages_own(
    platform: Platform, desk: Desk, graph: Client
) -> None:
    post, comment = scene(platform)
    made = graph.post(f"/{comment.id}/comments", message="Ja, ab 50 %").json()["id"]
    assert platform.settle()
    assert desk.fields() == ["status add", "comment add", "comment add"]
    own = desk.events()[-1][1]
    assert (own["comment_id"], own["from"]["id"], own["parent_id"]) == (made, post.page.id, comment.id)
    tree = graph.get(f"/{post.id}", fields=READ)["comments"]["data"]
    assert [(one["message"], one["comments"]["data"][0]["message"]) for one in tree] == [
        ("Geht das in Teilzeit?", "Ja, ab 50 %")
    ]
    [kept] = platform.record.accepted
    assert (kept.road, kept.text, kept.to) == ("comment.reply", "Ja, ab 50 %", comment.by.id if comment.by else "")
    assert desk.signed_by == platform.secrets[1:] + platform.secrets[:1] + platform.secrets[1:]


def test_a_post_on_the_comment_itself_overwrites_it_as_the_real_one_does(platform: Platform, graph: Client) -> None:
    _, comment = scene(platform)
    graph.post(f"/{comment.id}", message="Ja")
    assert (comment.text, comment.edits) == ("Ja", ["Geht das in Teilzeit?"])
    assert [one.road for one in platform.record.accepted] == ["comment.overwrite"]


def test_hiding_liking_and_removing_are_done_and_told(platform: Platform, desk: Desk, graph: Client) -> None:
    _, comment = scene(platform)
    graph.post(f"/{comment.id}", is_hidden=True)
    graph.post(f"/{comment.id}/likes")
    graph.post(f"/{comment.id}", is_hidden="false")
    graph.http.delete(f"/{comment.id}")
    assert platform.settle()
    assert desk.fields()[2:] == ["comment hide", "reaction add", "comment unhide", "comment remove"]
    assert graph.code(f"/{comment.id}/comments", message="Zu spät") == (100, 33)


def test_a_feed_is_read_in_pages(platform: Platform, graph: Client) -> None:
    post, comment = scene(platform)
    for number in range(4):
        assert comment.by
        platform.people.comment(post, comment.by, str(number))
    first = graph.get(f"/{post.page.id}/feed", fields=READ)["data"][0]["comments"]
    second = graph.get(f"/{post.id}/comments", limit=3, after=first["paging"]["cursors"]["after"])
    said = [one["message"] for one in [*first["data"], *second["data"]]]
    assert said == ["Geht das in Teilzeit?", "0", "1", "2", "3"]
    assert ("next" in first["paging"], "next" in second["paging"]) == (True, False)


def test_a_person_edits_replies_reacts_mentions_and_reviews(platform: Platform, desk: Desk) -> None:
    post, comment = scene(platform)
    assert comment.by
    platform.people.edit(comment, "Geht das auch in Teilzeit?")
    platform.people.reply(comment, platform.people.person("Ben", is_hidden=True), "Würde mich auch interessieren")
    platform.people.react(comment, comment.by, "love")
    platform.people.react(comment, comment.by, "")
    platform.people.mention(post.page, comment.by, "Die Kliniken Auental suchen")
    platform.people.review(post.page, comment.by, "Nette Leute", recommends=True)
    platform.people.remove(comment)
    assert platform.settle()
    assert desk.fields()[2:] == [
        "comment edited", "comment add", "reaction add", "reaction remove", "mention", "ratings", "comment remove",
        "comment remove",
    ]  # fmt: skip
    assert "from" not in desk.events()[3][1]


def test_what_was_not_subscribed_does_not_come(platform: Platform, desk: Desk, graph: Client) -> None:
    page = platform.add_page("Neu", is_subscribed=False)
    platform.people.post(page, "Erster")
    graph.post(f"/{page.id}/subscribed_apps", subscribed_fields="feed,messages")
    platform.people.post(page, "Zweiter")
    assert platform.settle()
    assert [value["message"] for _, value in desk.events()] == ["Zweiter"]
    assert graph.code(f"/{page.id}/subscribed_apps", subscribed_fields="fed")[0] == 100
    [app] = graph.get(f"/{page.id}/subscribed_apps")["data"]
    assert app["subscribed_fields"] == ["feed", "messages"]


def test_a_key_opens_only_its_own_and_only_while_it_lasts(platform: Platform) -> None:
    _, comment = scene(platform)
    other = Client(platform, platform.add_page("Andere").token)
    token = platform.token_of(comment.post.page)
    own = Client(platform, token.value)
    path = f"/{comment.id}/comments"
    assert other.code(path, message="x") == (100, 33)
    token.scopes.discard("pages_manage_engagement")
    assert own.code(path, message="x") == (200, 0)
    assert own.get("/debug_token", input_token=token.value)["data"]["is_valid"] is True
    token.expires_at = platform.now()
    assert own.code(path, message="x") == (190, 463)
    assert Client(platform, "nonsense").code(path, message="x") == (190, 0)
    assert own.http.get(f"{path}?access_token={token.value}").status_code == 401
    assert [call.token_in_address for call in platform.record.calls] == [False] * 5 + [True]
    assert platform.record.accepted == []
