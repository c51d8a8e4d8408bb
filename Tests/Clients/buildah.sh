# shellcheck shell=sh disable=SC2154
# buildah's OCI isolation.
printf 'FROM scratch\nADD image.tar /\nRUN echo built >/built && id\n' >"$work/Dockerfile"
check 'buildah: a build' 0 'uid=0' buildah --root "$work/buildah/root" --runroot "$work/buildah/run" \
    --storage-driver vfs bud --isolation oci --runtime "$runtime" --network none -f "$work/Dockerfile" "$work"
