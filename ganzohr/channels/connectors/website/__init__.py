"""Our own widget and contact page: what visitors write arrives here, our answers lie on their private page."""

from ganzohr.channels.connectors.website.connector import Website

connector = Website()
