"""A stand-in for Meta's platform on loopback: Graph for a page, Messenger and WhatsApp, and signed webhooks.

    with running() as platform:
        page = platform.add_page("Kliniken Auental")              # page.id, page.token
        number = platform.add_number("+49 30 5550100")            # number.id, number.waba_id, number.token
        platform.hook_up("http://127.0.0.1:8000", "app-key")      # /hooks/facebook/app-key/, /hooks/whatsapp/app-key/
        lena = platform.people.person("Lena", phone="491701234567")
        post = platform.people.post(page, "Wir suchen …")
        comment = platform.people.comment(post, lena, "Geht das auch in Teilzeit?")
        platform.settle()                                         # all webhooks are delivered, or given up
        platform.faults.next("timeout_after", on="comment.reply")
        platform.record.accepted                                  # who received which words, how often

`platform.url` is what a channel's setting `graph_url` wants; `platform.secrets` are the app's secrets (several sign in
turn), `platform.verify_token` is what the handshake asks. `running(mischief=Mischief(seed=1, duplicate=0.2, …))` plays
tricks by dice. `running(post=function)` hands deliveries to a function (url, headers, body) -> status instead of to
the network; `running(background=False)` delivers only in `settle()`. `platform.clock.pass_by(hours=25)` closes windows.
In a process of its own: `python -m ganzohr.proofs.meta`, told by the environment (see `__main__`).
"""

from ganzohr.proofs.meta.faults import Mischief
from ganzohr.proofs.meta.platform import Platform, running

__all__ = ["Mischief", "Platform", "running"]
