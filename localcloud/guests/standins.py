"""Small programs that stand first on an embedded guest's PATH, in place of those that need a machine of its own."""

#: Prints where a device is mounted, one target a line, as ``findmnt -rn -o TARGET -S DEVICE`` does; exit 1 for none.
#: Which those are, it reads from the file beside it.
FINDMNT = """\
#!/bin/sh
source=
while [ $# -gt 0 ]; do
    case $1 in
        -S | --source) source=${2-}; shift ;;
        --source=*) source=${1#--source=} ;;
    esac
    [ $# -eq 0 ] || shift
done
status=1
while read -r device target; do
    if [ -z "$source" ] || [ "$device" = "$source" ]; then
        printf '%s\\n' "$target"
        status=0
    fi
done < "$0.mounts"
exit $status
"""
