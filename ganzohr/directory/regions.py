"""Regions with public holidays of their own, by the names people there use."""

from __future__ import annotations

COUNTRIES = {"DE": "Deutschland", "AT": "Österreich", "CH": "Schweiz", "NL": "Nederland", "BE": "België"}
REGIONS = {
    "DE": {
        "BW": "Baden-Württemberg", "BY": "Bayern", "BE": "Berlin", "BB": "Brandenburg", "HB": "Bremen",
        "HH": "Hamburg", "HE": "Hessen", "MV": "Mecklenburg-Vorpommern", "NI": "Niedersachsen",
        "NW": "Nordrhein-Westfalen", "RP": "Rheinland-Pfalz", "SL": "Saarland", "SN": "Sachsen",
        "ST": "Sachsen-Anhalt", "SH": "Schleswig-Holstein", "TH": "Thüringen",
    },
    "AT": {
        "1": "Burgenland", "2": "Kärnten", "3": "Niederösterreich", "4": "Oberösterreich", "5": "Salzburg",
        "6": "Steiermark", "7": "Tirol", "8": "Vorarlberg", "9": "Wien",
    },
    "CH": {
        "AG": "Aargau", "AR": "Appenzell Ausserrhoden", "AI": "Appenzell Innerrhoden", "BL": "Basel-Landschaft",
        "BS": "Basel-Stadt", "BE": "Bern", "FR": "Fribourg", "GE": "Genève", "GL": "Glarus", "GR": "Graubünden",
        "JU": "Jura", "LU": "Luzern", "NE": "Neuchâtel", "NW": "Nidwalden", "OW": "Obwalden", "SG": "St. Gallen",
        "SH": "Schaffhausen", "SZ": "Schwyz", "SO": "Solothurn", "TG": "Thurgau", "TI": "Ticino", "UR": "Uri",
        "VS": "Valais", "VD": "Vaud", "ZG": "Zug", "ZH": "Zürich",
    },
}  # fmt: skip


def name(country: str, region: str) -> str:
    """`Bayern`, or the country where it has no regions or none is chosen."""
    return REGIONS.get(country, {}).get(region) or COUNTRIES.get(country, "")


def choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """For a select: `DE-BY` under `Deutschland`; a country without regions stands alone."""
    found: list[tuple[str, str | list[tuple[str, str]]]] = []
    for country, called in COUNTRIES.items():
        own = [(f"{country}-{code}", region) for code, region in REGIONS.get(country, {}).items()]
        found.append((called, [(country, called), *own]) if own else (country, called))
    return found
