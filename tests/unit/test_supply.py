"""What this is made of: every package with a licence, one bill of materials, and a check that needs no network."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.supply import licences, sbom, vulnerabilities
from tools.supply.__main__ import main
from tools.supply.locks import BUNDLED, ROOT, Package, lock_files, packages

LOCKED = packages()
DELIVERED = [it for it in LOCKED if it.delivered]
OF_PYTHON = licences.known()
VERIFY = ROOT / ".local" / "venv-verify" / "bin" / "python"


def test_every_lock_file_of_the_project_is_read() -> None:
    found = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    locks = {it for it in found if re.search(r"package-lock\.json$|requirements[^/]*/?\w*\.txt$", it)}

    assert locks == set(lock_files())


def test_every_locked_version_has_a_hash_of_what_is_installed() -> None:
    assert len(LOCKED) > 500
    assert [it.purl for it in LOCKED if not it.hashes] == []


def test_what_the_pages_are_bundled_with_is_what_they_import() -> None:
    imported = {
        name.split("/")[0]
        for file in (ROOT / "web" / "src").rglob("*.ts*")
        for name in re.findall(r'from "([^.@"][^"]*)"', file.read_text(encoding="utf-8"))
    }

    assert imported == BUNDLED


def test_every_package_has_a_known_licence() -> None:
    unknown = [it.purl for it in LOCKED if not licences.licence_of(it, OF_PYTHON)]

    assert unknown == [], "add them to requirements/licences.json, then python -m tools.supply licences"


def test_a_new_package_without_a_known_licence_is_noticed() -> None:
    new = Package("pypi", "never-heard-of", "1.0", delivered=True)
    assert licences.licence_of(new, OF_PYTHON) == ""


def test_what_is_delivered_is_under_licences_that_ask_for_nothing_but_their_notice() -> None:
    others = {it.name: licences.licence_of(it, OF_PYTHON) for it in DELIVERED}

    ask_for_more = {name for name, text in others.items() if text not in licences.PERMISSIVE}
    assert ask_for_more == licences.CONSIDERED.keys()


def test_no_licence_is_kept_for_what_is_locked_no_longer() -> None:
    locked = {it.name for it in LOCKED if it.ecosystem == "pypi"}
    locked |= {f"npm:{it.name}" for it in LOCKED if it.ecosystem == "npm"}

    assert set(OF_PYTHON) <= locked


def test_the_page_of_licences_is_fresh() -> None:
    text = licences.PAGE.read_text(encoding="utf-8")
    assert text == licences.page(LOCKED, OF_PYTHON), "python -m tools.supply licences"


def test_the_bill_of_materials_is_the_same_each_time_and_names_everything(tmp_path: Path) -> None:
    texts = []
    for name in ("a.json", "b.json"):
        assert main(["sbom", "--output", str(tmp_path / name)]) == 0
        texts.append((tmp_path / name).read_bytes())
    made = json.loads(texts[0])

    assert texts[0] == texts[1]
    assert {it["purl"] for it in made["components"]} == {it.purl for it in LOCKED}
    assert made["dependencies"][0]["dependsOn"] == [it.purl for it in DELIVERED]
    assert made["metadata"]["component"]["version"] == sbom.version_of()


@pytest.mark.verify
def test_the_bill_of_materials_is_cyclonedx(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    main(["sbom", "--output", str(file)])
    code = (
        "import sys; from cyclonedx.schema import SchemaVersion; from cyclonedx.validation.json import "
        "JsonStrictValidator as V; e = V(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()); "
        "print(e or 'valid')"
    )
    said = subprocess.run([VERIFY, "-c", code, file], check=True, capture_output=True, text=True).stdout

    assert said == "valid\n"


PYTHONS = Package("pypi", "some-lib", "1.4.0", delivered=True)
PAGES = Package("npm", "@scope/lib", "2.0.0", delivered=False)


def record(ecosystem: str, name: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM" if ecosystem == "PyPI" else "SEMVER", "events": list(events)}],
    }
    return {"id": "X-1", "aliases": ["CVE-1"], "affected": [affected | more.pop("affected", {})], **more}


@pytest.mark.parametrize(
    ("package", "events", "is_found"),
    [
        (PYTHONS, [{"introduced": "0"}], True),
        (PYTHONS, [{"introduced": "0"}, {"fixed": "1.4.0"}], False),
        (PYTHONS, [{"introduced": "0"}, {"fixed": "1.10"}], True),
        (PYTHONS, [{"introduced": "1.4.0"}], True),
        (PYTHONS, [{"introduced": "1.4.1"}], False),
        (PYTHONS, [{"introduced": "0"}, {"last_affected": "1.4.0"}], True),
        (PYTHONS, [{"introduced": "0"}, {"last_affected": "1.3.9"}], False),
        (PYTHONS, [{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "1.3"}, {"fixed": "1.5"}], True),
        (replace(PYTHONS, version="1.4.0rc1"), [{"introduced": "1.4.0"}], False),
        (PAGES, [{"introduced": "0"}, {"fixed": "2.0.0"}], False),
        (replace(PAGES, version="2.0.0-rc.1"), [{"introduced": "0"}, {"fixed": "2.0.0"}], True),
        (replace(PAGES, version="2.0.0-rc.2"), [{"introduced": "2.0.0-rc.10"}], False),
        (PAGES, [{"introduced": "1.9.0"}, {"fixed": "2.0.1"}], True),
        (replace(PYTHONS, version="not a version"), [{"introduced": "0"}, {"fixed": "1.5"}], True),
    ],
)
def test_a_version_is_affected_from_where_the_record_says_on(
    package: Package, events: list[dict[str, str]], is_found: bool
) -> None:
    ecosystem = "PyPI" if package.ecosystem == "pypi" else "npm"
    found = vulnerabilities.find([package], [record(ecosystem, package.name, *events)])

    assert [it.package for it in found] == ([package] if is_found else [])


def test_a_version_that_is_listed_is_affected_and_names_are_compared_as_pypi_does() -> None:
    listed = record("PyPI", "Some_Lib", affected={"versions": ["1.4.0"], "ranges": []})

    (found,) = vulnerabilities.find([PYTHONS], [listed])
    assert (found.id, found.aliases) == ("X-1", ("CVE-1",))


@pytest.mark.parametrize(
    "other",
    [
        record("PyPI", "some-lib", {"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z"),
        record("npm", "some-lib", {"introduced": "0"}),
        record("PyPI", "some-lib-2", {"introduced": "0"}),
        record("PyPI", "some-lib", affected={"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}),
    ],
)
def test_what_is_withdrawn_or_about_something_else_is_no_finding(other: dict[str, Any]) -> None:
    assert vulnerabilities.find([PYTHONS], [other]) == []


def test_an_archive_of_records_is_read_where_it_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = next(it for it in DELIVERED if it.ecosystem == "pypi")
    known = record("PyPI", package.name, {"introduced": "0"}, {"fixed": "999"})
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("X-1.json", json.dumps(known))

    assert main(["check", "--database", str(tmp_path)]) == 1
    assert f"{package.purl}  delivered  X-1 (CVE-1)  mended in 999" in capsys.readouterr().out


def test_an_empty_database_does_not_pass_for_a_good_one(tmp_path: Path) -> None:
    assert main(["check", "--database", str(tmp_path)]) == 2
    (tmp_path / "X.json").write_text(json.dumps(record("PyPI", "nothing-of-ours", {"introduced": "0"})))
    assert main(["check", "--database", str(tmp_path)]) == 0
