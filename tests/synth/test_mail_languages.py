"""The layers hold what the mails are written with: the catalogues, and Babel's data for their languages."""

from buyer_protection.adapters.mail import catalogue
from infra import bundling
from infra.paths import OWN_LAYER


def test_the_layer_keeps_babels_data_for_every_language_of_the_mails() -> None:
    needed = {language.split("_")[0] for language in catalogue.languages(catalogue.LOCALE)}
    assert needed <= bundling.languages()


def test_a_changed_catalogue_makes_a_new_layer() -> None:
    watched = set(bundling._sources(OWN_LAYER))
    for language in catalogue.languages(catalogue.LOCALE) - {catalogue.SOURCE_LANGUAGE}:
        assert catalogue.LOCALE / language / "LC_MESSAGES" / "mails.po" in watched
