"""The way into a Caviar service from Python."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, Unpack, cast

import httpx2

from caviar.client.bundle import Bundle, pack_files, pack_folder
from caviar.client.discovery import URL, data_folder, discover, local_server
from caviar.client.document import Space, StudyOptions, Train, study_document, train_section
from caviar.client.local import LocalServer
from caviar.client.models import AgentInfo, StudyInfo
from caviar.client.pages import items_of, iterate
from caviar.client.source import GENERATED_MODULE, Source, source_of
from caviar.client.study import PAGE_SIZE, Study
from caviar.client.tokens import Tokens
from caviar.client.transport import API, Json, Request, Transport


class Client:
    """Finds the service by its arguments, else by CAVIAR_URL and CAVIAR_TOKEN, else by the data folder of a server on
    this machine. Raises NoConnection when there is none."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        data_dir: str | Path | None = None,
        http: httpx2.BaseTransport | None = None,
    ) -> None:
        environment = {**os.environ, URL: url} if url else os.environ
        address = discover(environment, None if data_dir is None or url else Path(data_dir))
        self.transport = Transport(address.url, token or address.token, http=http)
        self._server: LocalServer | None = None

    @classmethod
    def local(cls, data_dir: str | Path | None = None) -> Self:
        """A client with a server on this machine: the one that runs on the data folder, else one of its own, which
        ends with `close` or with this process (and with the thread that called this)."""
        folder = data_folder(os.environ, None if data_dir is None else Path(data_dir))
        if local_server(folder) is not None:
            return cls(data_dir=folder)
        server = LocalServer.start(folder)
        try:
            client = cls(data_dir=folder)
        except BaseException:
            server.stop()
            raise
        client._server = server
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.transport.close()
        if self._server is not None:
            self._server.stop()
            self._server = None

    def create_study(
        self,
        *,
        train: Train,
        space: Space,
        metric: str | Mapping[str, Any],
        code: str | Path | None = None,
        **options: Unpack[StudyOptions],
    ) -> Study:
        """`train` is a Python function, "module:function" of the folder `code`, a command (a list), a built-in's
        name, or the document's own form. A Python function is sent as source code, with the modules beside it."""
        section, bundle = self._train(train, None if code is None else Path(code))
        return self.submit(study_document(section, space, metric, options), bundle)

    def submit(self, document: Mapping[str, Any], bundle: Bundle | None = None) -> Study:
        """A whole study document; its `code` is replaced by the bundle, when one is given."""
        code = {} if bundle is None else {"code": {"bundle": self.upload(bundle)}}
        answer = self.transport.post(f"{API}/studies", {**document, **code})
        return Study(self.transport, StudyInfo.model_validate(answer))

    def upload(self, bundle: Bundle) -> str:
        """The bundle's digest. Uploading the same code again changes nothing."""
        request = Request(
            "POST",
            f"{API}/bundles",
            content=bundle.content,
            headers={"Content-Type": "application/zip"},
            key=bundle.digest,
            timeout=120.0,
        )
        return str(self.transport.send(request).json()["digest"])

    def study(self, study: str) -> Study:
        """By id or name."""
        return Study(self.transport, StudyInfo.model_validate(self.transport.get(f"{API}/studies/{study}")))

    def studies(
        self,
        *,
        state: str | None = None,
        search: str | None = None,
        label: str | None = None,
        order_by: str | None = None,
    ) -> Iterator[Study]:
        """The newest first unless `order_by` says otherwise. `search`: words in the name, a label or the notes;
        `label`: "key=value" that a study has."""
        asked = {"state": state, "search": search, "label": label, "order_by": order_by}
        for item in iterate(self.transport, f"{API}/studies", asked, PAGE_SIZE):
            yield Study(self.transport, StudyInfo.model_validate(item))

    def preview(self, document: Mapping[str, Any]) -> Json:
        """What a study of this document would sample; nothing is stored."""
        return self.transport.post(f"{API}/preview", document)

    def agents(self) -> list[AgentInfo]:
        return [AgentInfo.model_validate(item) for item in items_of(self.transport.get(f"{API}/agents"))]

    @property
    def tokens(self) -> Tokens:
        """Who may do what; for admins."""
        return Tokens(self.transport)

    def login_link(self, role: str | None = None) -> str:
        """A URL that opens the dashboard in a browser, once, with the caller's role or a lower one."""
        answer = self.transport.post(f"{API}/login-links", {} if role is None else {"role": role})
        return f"{self.transport.url}{answer['path']}"

    def meta(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.transport.get(f"{API}/meta")
        return answer

    @property
    def serves_itself(self) -> bool:
        """Whether the server is one that `local` started, and ends with this client."""
        return self._server is not None

    def check_server(self) -> None:
        """Raises NoConnection when the server that `local` started has ended by itself."""
        if self._server is not None:
            self._server.check()

    def _train(self, train: Train, code: Path | None) -> tuple[dict[str, Any], Bundle | None]:
        section = train_section(train)
        if section is not None:
            return section, None if code is None else pack_folder(code)
        source = source_of(cast("Callable[..., Any]", train))
        if code is not None:
            source = replace(source, folder=code, prefix="")
        return {"function": source.reference}, _bundle(source)


def _bundle(source: Source) -> Bundle | None:
    extra = {} if source.text is None else {f"{GENERATED_MODULE}.py": source.text.encode()}
    if source.folder is not None:
        return pack_folder(source.folder, extra, prefix=source.prefix)
    return pack_files(extra) if extra else None
