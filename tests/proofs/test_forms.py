"""The reader of pages without script fills forms as a browser does."""

from __future__ import annotations

from ganzohr.proofs.forms import Page

BODY = """
<form action="/a/" method="post"><input type="hidden" name="token" value="t&amp;1"><textarea name="text">Hallo
Welt</textarea><select name="topic"><option value="1">One</option><option value="2" selected>Two</option></select>
<input type="checkbox" name="no"><input type="checkbox" name="yes" checked><input type="file" name="file">
<button name="do" value="send">Send</button></form>
<button form="x">Elsewhere</button><p>Read <b>me</b></p><script>not me</script>
"""


def test_fields_are_what_the_page_filled_in() -> None:
    form = Page("http://desk/", 200, BODY).form(field="text", action="/a/")
    assert form.fields == {"token": "t&1", "text": "Hallo\nWelt", "topic": "2", "yes": "on"}
    assert form.buttons == [("do", "send")]


def test_words_are_read_without_scripts() -> None:
    assert Page("http://desk/", 200, BODY).text.endswith("Elsewhere Read me")
