#!/bin/sh
# install.sh host|plugin FOLDER: puts Pulumi's Python language host, or Cloudflare's plugin, into FOLDER.
# GATEWRIGHT_OFFICIAL=$PWD/tests/official runs the integration tests with both. Needs the official engine, on PATH or as
# `gatewright engine install` downloads it, and a network for the plugin.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
pulumi=$(command -v pulumi || echo "$root/.gatewright/engine/bin/pulumi")
case $1 in
host)
  # beside the engine: pulumi-language-python and the programs that it starts
  find "$(dirname "$pulumi")" -maxdepth 1 \( -name 'pulumi-language-python*' -o -name 'pulumi-python*-shim*' \) \
    -exec cp {} "$2" \;
  [ -x "$2/pulumi-language-python" ] || { echo "no pulumi-language-python beside $pulumi" >&2; exit 1; }
  ;;
plugin)
  version=$("$root/.venv/bin/python" -c 'from importlib.metadata import version; print(version("pulumi-cloudflare"))')
  PULUMI_HOME=$2 "$pulumi" plugin install resource cloudflare "$version"
  ;;
*)
  echo "usage: install.sh host|plugin FOLDER" >&2
  exit 64
  ;;
esac
