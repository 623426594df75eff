# How images are built here: by buildah, from scratch, with nothing in them that depends on when or where. Sourced, never run.

buildah_() { buildah --root "$SLIPWAY_CACHE/cluster/buildah" --runroot "$SLIPWAY_CACHE/cluster/buildah/run" --storage-driver overlay "$@"; }

# build_image localhost/NAME:TAG CONTEXT ARCHIVE: builds CONTEXT/Dockerfile into a docker archive. The same input gives the same digest.
build_image() {
  buildah_ build --quiet --isolation chroot --timestamp 0 -t "$1" "$2" >/dev/null
  buildah_ push --quiet "$1" "docker-archive:$3.tmp:$1"
  mv "$3.tmp" "$3"
}
