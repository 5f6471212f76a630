"""A post we know only by its number says what it is when asked."""

from __future__ import annotations

import pytest

from ganzohr.channels.connectors.base import Account, Trouble
from ganzohr.channels.connectors.facebook import reading
from ganzohr.proofs.meta import running


def test_a_post_is_read_with_its_words_link_and_picture() -> None:
    with running() as platform:
        page = platform.add_page("Kliniken Auental")
        post = platform.people.post(page, "Ein Tag auf der Station", photo="https://pictures.example/1.jpg")
        settings = {"page_id": page.id, "graph_url": platform.url}
        account = Account("facebook", "k", settings, {"access_token": page.token})
        said = reading.post(account, post.id)
        assert said.post is not None
        assert (said.what, said.post.external_id, said.post.text) == ("post", post.id, "Ein Tag auf der Station")
        assert (said.post.author, said.post.author_is_us, bool(said.post.permalink)) == ("Kliniken Auental", True, True)
        with pytest.raises(Trouble) as trouble:
            reading.post(account, "1_2")
        assert trouble.value.code == "target_gone"
