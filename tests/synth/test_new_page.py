"""A new page takes one file and one row of the routes (docs/pages.md): planted in a copy, it is built, with words."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from infra.pages import WEB

PAGE = """import type { JSX } from "preact";
import { size } from "../upload";
import { useTitle } from "../router";
import { t } from "../words";

export function NewPage(): JSX.Element {
  useTitle(t("A page that is new"));
  return <h1>{t("A page that is new")} {size(1_024, "en")}</h1>;
}
"""
# A folder of the pages, the module with its routes, and the name of the script that then has the page.
PLACES = (
    ("pages", "app.tsx", "main"),
    ("desk", "desk/team.tsx", "team"),
    ("order", "order/buyers.tsx", "buyers"),
)


def test_a_new_page_takes_one_file_and_one_row(tmp_path: Path) -> None:
    web, out = tmp_path / "web", tmp_path / "out"
    shutil.copytree(WEB, web, ignore=shutil.ignore_patterns("node_modules", "types"))
    shutil.copytree(WEB.parent / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("releases"))
    (web / "node_modules").symlink_to((WEB / "node_modules").resolve())
    for folder, routes, _ in PLACES:
        (web / "src" / folder / "new.tsx").write_text(PAGE, encoding="utf-8")
        module = web / "src" / routes
        text = module.read_text(encoding="utf-8")
        near = "./pages/new" if folder == "pages" else "./new"
        marker = "const ROUTES: Routes = [\n" if folder == "pages" else "=> JSX.Element][] = [\n"
        assert marker in text
        text = text.replace(marker, f"{marker}  [/^.new-{folder}$/, () => <NewPage />],\n")
        module.write_text(f'import {{ NewPage }} from "{near}";\n{text}', encoding="utf-8")
    subprocess.run(["node", "build.mjs", str(out)], cwd=web, check=True, capture_output=True, text=True)

    for folder, _, script in PLACES:
        (built,) = (out / "assets").glob(f"{script}-*.js")
        assert f"new-{folder}" in built.read_text(encoding="utf-8")
        assert "A page that is new" in built.read_text(encoding="utf-8")
