"""How does an OData server nobody here wrote come to serve the tables of Dataverse?"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared_data import present, shared

HERE = Path(__file__).parent
Rows = Sequence[Mapping[str, Any]]


@contextmanager
def odata_server(folder: Path, **tables: Rows) -> Iterator[str]:
    """The base address of a server, loaded with the contract of Dataverse and with those rows of each set."""
    present(HERE / "node_modules" / "@sap-ux" / "fe-mockserver-core", "run make foreign")
    node = shutil.which("node")
    assert node is not None
    shutil.copy(shared("contracts", "dataverse-slice.xml"), folder / "metadata.xml")
    (folder / "data").mkdir()
    for name, rows in tables.items():
        (folder / "data" / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    command = [node, str(HERE / "odata.cjs"), str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    try:
        port = next(line.strip() for line in server.stdout if line.strip().isdigit())
        yield f"http://127.0.0.1:{port}/api/data/v9.2"
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
