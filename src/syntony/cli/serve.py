"""``syntony serve``: a study in the browser, on this machine."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("serve")
@click.argument("study", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Default: the study's own, the same at every start; 0: a free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--name", "names", multiple=True, help="Name by which others reach it.")
@click.option("--tls-cert", type=FILE, help="Certificate (PEM), for other machines.")
@click.option("--tls-key", type=FILE, help="Its key (PEM).")
@click.option("--behind-proxy", is_flag=True, help="A proxy in front of it speaks TLS.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of accounts and audit log.",
)
@click.option("--no-browser", is_flag=True, help="Print the address only.")
def command(
    study: Path,
    port: int | None,
    host: str,
    names: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    behind_proxy: bool,
    data: Path | None,
    no_browser: bool,
) -> None:
    """Open STUDY in the browser; an empty or new folder is offered a demo and an import.

    The address that is printed lets one browser in, once. Stop with Ctrl-C.

    \b
    Examples:
        syntony serve my-study
        syntony serve my-study --host 0.0.0.0 --name lab.example.org \\
            --tls-cert lab.pem --tls-key lab.key
    """
    from syntony.app.serving import Address, serve

    address = Address(
        host=host,
        port=port,
        names=names,
        certificate=tls_cert,
        key=tls_key,
        behind_proxy=behind_proxy,
    )

    def say(url: str) -> None:
        click.echo(f"Open this address in a browser on this machine:\n\n  {url}\n")
        click.echo("Stop with Ctrl-C.")

    launch = None if no_browser else click.launch
    serve(study, address, data=data, on_ready=say, launch=launch)
