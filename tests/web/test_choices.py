"""What the choices on the groups page say that they do."""

from __future__ import annotations

from carnet.model.choices import AccountSetting
from carnet.words import Words
from carnet.words.runs import SETTINGS
from web.visitor import Visitor


def test_w27_w28_tracking_covers_messages_appointments_and_tasks_from_the_run_on(visitor: Visitor) -> None:
    visitor.open_demo().press("next")
    assert "Suivre toutes les communications pour les contacts ajoutés" in visitor.text
    assert "Messages, rendez-vous et tâches à partir de l’exécution" in visitor.text
    assert "ce qui est antérieur n’est pas touché" in visitor.text


def test_w30_set_account_offers_not_set_use_company_name_and_pick_existing_account(visitor: Visitor) -> None:
    visitor.open_demo().press("next").press("advanced")
    assert set(SETTINGS) == set(AccountSetting)
    labels = [Words("fr").t(message) for message in SETTINGS.values()]
    assert labels == ["Non défini", "Utiliser le nom de la société", "Sélectionner un compte existant"]
    for label in labels:
        assert f">{label}" in visitor.page.text
