#!/bin/sh
# Digests the files of this guest's disks and prints a bounded answer in ASCII. The forms of the request and of the
# answer are in shared/replication/manifest.py. Reads only; its own files are in $TMPDIR, or /run.
set -u
LC_ALL=C
export LC_ALL
umask 077
request='{{request}}'
host=${FERRY_ROOT-}

# A real guest: go on in a mount namespace of our own, to see each file system whole, read-only, without atime.
here=$(readlink /proc/self/ns/mnt)
if [ -z "$host${FERRY_HERE-}" ] && [ -f "$0" ] && unshare -m true 2>/dev/null; then
	FERRY_HERE=$here
	export FERRY_HERE
	exec unshare -m sh "$0"
fi
apart=
[ -n "$host" ] || [ "${FERRY_HERE:-$here}" = "$here" ] || ! mount --make-rprivate / 2>/dev/null || apart=yes
[ -n "$host" ] || { renice -n 19 -p $$; ionice -c 3 -p $$; } >/dev/null 2>&1

echo=$(printf %s "$request" | sha256sum 2>/dev/null | cut -c 1-16)
exec 3>&1
say_failed() {
	printf 'ferry-digest 1 %s\nfailed %s\nend\n' "${echo:--}" "$1" | cut -c 1-300 >&3
	exit 1
}
for tool in sha256sum awk base64 cmp comm cut find findmnt grep mktemp sed sort stat tac tr wc xargs; do
	command -v $tool >/dev/null 2>&1 || say_failed "the guest lacks $tool"
done
[ "$(find / -maxdepth 0 -readable -executable -printf %y 2>/dev/null)" = d ] || say_failed "the guest lacks GNU find"
[ "$(printf 'a\0' | sed -z s/a/b/ 2>/dev/null | tr '\0' n)" = bn ] || say_failed "the guest lacks GNU sed"

tmp=$(mktemp -d "${TMPDIR:-/run}/ferry.XXXXXXXX" 2>/dev/null) || say_failed "no place for temporary files"
clean() { # never recursive: a disk may be mounted in the view
	for at in "$tmp".view/*; do umount "$at"; rmdir "$at"; done
	rm -f "$tmp"/level/* "$tmp"/*
	rmdir "$tmp.view" "$tmp/level" "$tmp"
} 2>/dev/null
trap clean 0
trap 'exit 1' 1 2 15
cd "$tmp" && mkdir level && exec 2>errors || say_failed "no place for temporary files"
fail() { say_failed "$1: $(tail -n 1 errors | tr -cd ' -~')"; }
for file in unread gone boot boot_tree trees starts wanted devices changed splits counts roots booted sums; do
	: >$file || fail start
done
printf %s "$request" | base64 -d >ask || fail request

# What the awk programs share. Light form: %25 for % and %0A for newline, all other bytes themselves.
lib='
BEGIN {
	for (i = 1; i < 256; i++) { c = sprintf("%c", i); h = sprintf("%02X", i); ESC[c] = "%" h; ORD[c] = i; CHR[h] = c }
	CHR["25"] = "%25"; CHR["0A"] = "%0A"
}
function escape(s,  i, c, o) {    # a light form
	if (s !~ /[^!-~]/) return s
	for (i = 1; i <= length(s); i++) { c = substr(s, i, 1); o = o (c ~ /[!-~]/ ? c : ESC[c]) }
	return o
}
function light(s,  i, o) {        # an escaped form
	while (i = index(s, "%")) { o = o substr(s, 1, i - 1) CHR[substr(s, i + 1, 2)]; s = substr(s, i + 3) }
	return o s
}
function real(path) { gsub(/[ \/]%~[0-9a-f][0-9a-f]/, "", path); return path }    # without its buckets
function parts(path) { gsub(/\//, " ", path); return path }
function shown(path) { gsub(/ /, "/", path); return path }
function unread(path, why) { print shown(real(path)), why >> "unread" }
function last(path,  part) { return part[split(path, part, " ")] }
function above(path) { return substr(path, 1, length(path) - length(last(path)) - 1) }
function is(file) { return FILENAME == file }
function depth(path,  part) { return split(path, part, " ") }
'
run() {
	program=$lib$1
	shift
	awk -F '\t' -v 'OFS=\t' "$program" "$@"
}
unlight() { tr '\n' '\0' | sed -z 's/%0A/\n/g; s/%25/%/g'; }
unread() { printf '%s\t%s\n' "$1" "$2" >>unread; }

# --- which file systems: a disk by its serial, its name, or as virtio names it; then its partitions
find_device() { # name, serial
	if [ -n "$host" ]; then echo "$1"; return; fi
	for at in /dev/disk/by-id/*"$2" "$1" "/dev/vd${1#/dev/xvd}"; do
		if [ -b "$at" ]; then readlink -f "$at"; return; fi
	done
	return 1
}
mount_of() {
	if [ -n "$host" ]; then
		findmnt -rn -o TARGET -S "$1" | sed -n 1p
	else # a bind mount of a part of it would not be the whole
		findmnt -rn -o FSROOT,TARGET -S "$1" | awk '$1 == "/" { print $2; exit }'
	fi
}
tree() { # disk, partition, mount point, kind
	dir=$host$3/ at=$tmp.view/$1.$2
	case $3 in *\\*) unread "$1/$2" "its mount point has an odd name"; return ;; esac
	[ -d "$dir" ] || { unread "$1/$2" "its mount point is not a directory"; return; }
	if [ "$apart" ] && mkdir -p "$at" && mount --bind "$3" "$at"; then
		if mount -o remount,bind,ro,noatime "$at"; then dir=$at/; else umount "$at"; fi
	fi
	[ -n "$host" ] || [ "$(stat -c %d .)" != "$(stat -c %d "$dir")" ] || fail "temporary files would be on a disk"
	eval "root_$1_$2=\$dir"
	echo "$1 $2" >>trees
	case $4$3 in system/) echo "$1 $2" >>boot_tree ;; system/*) [ -z "$host" ] || echo "$1 $2" >>boot_tree ;; esac
}
without_files() { # swap, or the BIOS boot partition
	case $(lsblk -rndo FSTYPE "$1") in
		swap) ;;
		'') [ "$(lsblk -rndo PARTTYPE "$1")" = 21686148-6449-6e6f-744e-656564454649 ] ;;
		*) return 1 ;;
	esac
}
disk() { # number, device, kind, serial
	device=$(find_device "$2" "$4") || { unread "$1" "there is no such device"; return; }
	at=$(mount_of "$device")
	[ -z "$at" ] || { tree "$1" 0 "$at" "$3"; return; }
	base=${device##*/} some=
	[ -n "$host" ] || for part in /sys/class/block/"$base"/"$base"*; do
		[ -r "$part/partition" ] && read -r n <"$part/partition" || continue
		some=yes
		at=$(mount_of "/dev/${part##*/}")
		if [ -n "$at" ]; then tree "$1" "$n" "$at" "$3"
		elif ! without_files "/dev/${part##*/}"; then unread "$1/$n" "it is not mounted"; fi
	done
	[ "$some" ] || unread "$1" "it is not mounted"
}

# --- which directories
starts=0
start() { # path, directory, splits
	eval "dir_$starts=\$2"
	printf '%s\t%s\t%s\n' "$starts" "$(printf %s "$1" | tr / ' ')" "$3" >>starts
	starts=$((starts + 1))
}
plain() { # is each step from directory $1 down the path $2 a directory, and no link?
	at=$1 rest=$2
	while [ -n "$rest" ]; do
		at=$at${rest%%/*} rest=${rest#*/}
		[ -d "$at" ] && [ ! -L "$at" ] || return 1
		at=$at/
	done
}
start_at() { # splits, path
	n=${2%%/*} below=${2#*/}
	p=${below%%/*}
	case $n$p in *[!0-9]*) fail request ;; esac
	eval "root=\${root_${n}_$p-}"
	below=$(printf '%s\n' "$below" | run '{ s = real($0); sub(/^[^\/]*\/?/, "", s); if (s != "") print light(s) "/" }' |
		unlight | tr -d '\0')
	if [ -n "$root" ] && plain "$root" "$below"; then start "$2" "$root$below" "$1"; else echo "$2" >>gone; fi
}
asked=
while read -r word a b c d; do
	case $word in
		disk) disk "$a" "$b" "$c" "$d" ;;
		boot) printf '%s\n' "$a" | tr / ' ' >>boot ;;
		at) asked=yes; start_at "$a" "$b" ;;
		list) printf '%s\n' "$a" | tr / ' ' >>wanted ;;
		*) fail request ;;
	esac
done <ask
[ "$asked" ] || while read -r n p; do eval "start $n/$p \"\$root_${n}_$p\" -"; done <trees

# --- what is there: START FLAG TYPE MODE DEV SIZE MTIME CTIME, path, link target
broken=
each_start() { # a command; $dir is the directory, $at its number
	at=0
	while [ $at -lt $starts ]; do
		eval "dir=\$dir_$at"
		"$@" || broken=yes
		at=$((at + 1))
	done
}
facts() {
	find "$dir" -xdev -printf "$at " \( -type d ! \( -readable -executable \) -printf '! ' -o -printf '- ' \) \
		-printf '%y %m %D ' \( -type f -printf '%s %T@ %C@' -o -printf '0 0 0' \) -printf '\0%P\0%l\0'
}
devices() { find "$dir" -xdev \( -type b -o -type c \) -exec stat -c %t:%T {} +; }
look() {
	each_start facts >raw
	printf 'end\0\0\0' >>raw || fail look
	sed -z 's/%/%25/g; s/\n/%0A/g; s/\t/%09/g' <raw | tr '\0' '\n' | awk '
		NR % 3 == 1 { facts = $0 }
		NR % 3 == 2 { path = $0 }
		NR % 3 == 0 { if (facts == "end") whole = 1; else print facts "\t" path "\t" $0 }
		END { exit !whole }'
}
look >before || fail look
if grep -q '^[0-9]* . [bc] ' before; then
	each_start devices >devices
	[ "$(grep -c '^[0-9]* . [bc] ' before)" -eq "$(wc -l <devices)" ] || : >devices
fi

# Entries: path (its parts a space apart, which sorts below all that a name has), TYPE, MODE, WHAT.
# What the first boot rewrites goes apart.
run '
is("starts") { prefix[$1] = $2; if ($3 != "-") forced[$2] = $3; next }
is("boot_tree") { tree = $1; next }
is("boot") { boot[tree $1]; next }
{
	split($1, fact, " "); n = fact[1]; type = fact[3]; path = prefix[n]
	if ($2 != "") path = path " " parts(escape($2))
	else {
		dev[n] = fact[5]
		if (depth(path) > 2) { if (fact[2] == "!") print shown(path) >> "gone"; next }
	}
	what = type ~ /[fd]/ ? "?" : type == "l" ? target(escape($3)) : "-"
	if (type == "d" && dev[n] != fact[5]) { what = "!"; unread(path, "another file system is mounted there") }
	if (fact[2] == "!" || (type ~ /[bc]/ && (getline what < "devices") <= 0)) {
		what = "!"; unread(path, "it cannot be read")
	}
	if (type == "f") {
		disk = substr(path, 1, index(path, " ") - 1); files[disk]++; bytes[disk] += fact[6]
		if (real(path) in boot) { print real(path), "boot", fact[4], "?"; next }
	}
	size[above(path)] += length(last(path) type fact[4]) + (what ~ /^[?!]$/ ? 32 : length(what)) + 4
	print path, type, fact[4], what
}
function target(t,  cmd, sum) {
	if (length(t) < 256) return ">" t
	printf "%s", t > "target"; close("target")
	cmd = "sha256sum target"; cmd | getline sum; close(cmd)
	return "=" substr(sum, 1, 32)
}
END {
	for (dir in size) if (!(dir in forced) && depth(dir) > 1 && size[dir] > 8000)
		forced[dir] = 1 + (size[dir] > 256000) + (size[dir] > 8192000)
	for (dir in forced) if (forced[dir] > 0) print dir, forced[dir] > "splits"
	for (disk in files) printf "%s\t%.0f\t%.0f\n", disk, files[disk], bytes[disk] > "counts"
}' starts boot_tree boot before >entries || fail entries

# Put the buckets into the paths and the depth before them; leave out what was not asked for.
run '
is("splits") { splits[$1] = $2; next }
is("wanted") { wanted[$1]; some = 1; next }
$2 == "boot" { print 0, $0; next }
{
	dir = above($1)
	if (dir != old) { old = dir; below = follow(dir); below_ok = ok }
	ok = below_ok; path = step(dir, below, last($1))
	if (ok || !some) print depth(path), path, $2, $3, $4
}
function follow(dir,  i, n, part, at, path) {    # a directory with its buckets; ok: it or one above is wanted
	n = split(dir, part, " "); at = path = part[1]; ok = path in wanted
	for (i = 2; i <= n; i++) { path = step(at, path, part[i]); at = at " " part[i]; if (path in wanted) ok = 1 }
	return path
}
function step(at, path, name,  i, h, k) {
	if (k = splits[at] + 0) {
		for (i = 1; i <= length(name); i++) h = (h * 31 + ORD[substr(name, i, 1)]) % 16777213
		for (i = 1; i <= k; i++) {
			path = path " %~" sprintf("%02x", h % 64); h = int(h / 64)
			if (path in wanted) ok = 1
			if ((ok || !some) && !(path in told)) { told[path]; print depth(path), path, "%", "-", "?" }
		}
	}
	return path " " name
}' splits wanted entries >paths || fail paths
sort -t "$(printf '\t')" -k 1,1nr -k 2,2 -o plan paths || fail sort

# --- read the files, then look again: what has changed meanwhile was not read
while read -r n p; do
	eval "root=\$root_${n}_$p"
	run '$3 ~ /^(f|boot)$/ && index($2, tree " ") == 1 {
		print "./" light(shown(substr(real($2), length(tree) + 2)))
	}' tree="$n $p" plan | unlight | (cd "$root" && xargs -0 -r sha256sum) >"sums $n $p"
done <trees
look >after || fail look
if ! cmp -s before after; then
	sort -o before before && sort -o after after && comm -3 before after >changed || fail compare
fi
[ -z "$broken" ] || [ -s unread ] || [ -s changed ] || while read -r n p; do
	unread "$n/$p" "a directory in it cannot be read"
done <trees
run '
is("starts") { prefix[$1] = real($2); next }
is("changed") {
	new = sub(/^\t/, ""); split($1, fact, " "); path = prefix[fact[1]]
	if ($2 != "") path = path " " parts(escape($2))
	if (new) after[path]; else before[path]
	next
}
{
	path = real($2); what = $5
	if ((path in before) && $3 != "%") {
		unread(path, (path in after) ? "it changed while it was read" : "it went while it was read"); what = "!"
	}
	if ($3 ~ /^(f|boot)$/) {
		sum = content(path)
		if (what != "!") { what = sum; if (sum == "!") unread(path, "it cannot be read") }
	}
	if ($1 == 0) print "boot " shown(path) " " $4 " " what > "booted"
	else print $1, $2, $3, $4, what
}
function content(path,  part, file, sum) {    # the sums are in the order of the plan; what could not be read has none
	split(path, part, " "); file = "sums " part[1] " " part[2]; sum = "!"
	if (!(file in line)) line[file] = fetch(file)
	if (line[file] != "" && name_in(line[file]) == "./" light(shown(substr(path, length(file) - 3)))) {
		sum = substr(line[file], line[file] ~ /^\\/ ? 2 : 1, 32); line[file] = fetch(file)
	}
	return sum
}
function fetch(file,  got) { return (getline got < file) > 0 ? got : "" }
function name_in(line,  i, c, o) {    # sha256sum escapes a name with a backslash, newline or return in it
	gsub(/%/, "%25", line)
	if (line !~ /^\\/) return substr(line, 67)
	line = substr(line, 68)
	while (i = index(line, "\\")) {
		c = substr(line, i + 1, 1); o = o substr(line, 1, i - 1) (c == "n" ? "%0A" : c == "r" ? "\r" : c)
		line = substr(line, i + 2)
	}
	return o line
}
END { for (path in after) if (!(path in before)) unread(path, "it came while the others were read") }
' starts changed plan >read || fail read

# --- the listings, deepest first, a thousand digests at a time
run '
$1 == 0 { next }
{
	dir = above($2); what = $5
	if (dir != old) {
		if (n) close(file)
		if ($1 != level || n == 1000) digest()
		level = $1; old = dir; dirs[++n] = dir; file = sprintf("level/%04d", n)
	}
	if (what == "?") { what = ($2 in known) ? known[$2] : "e3b0c44298fc1c149afbf4c8996fb924"; delete known[$2] }
	line = last($2) " " $3 " " $4 " " what; bytes += length(line) + 1
	print line > file
	print dir, line
}
function digest(  cmd, sum, i, got) {
	cmd = "cd level && ls | head -n " n " >../names && xargs cat <../names | wc -c && xargs sha256sum <../names"
	if (n) cmd | getline got
	while (n && (cmd | getline sum) > 0) {
		known[dirs[++i]] = substr(sum, 1, 32)
		if (dirs[i] !~ / /) print dirs[i], substr(sum, 1, 64) > "roots"
	}
	close(cmd)
	if (i + 0 != n + 0 || got + 0 != bytes + 0) { failed = 1; exit 1 }
	n = bytes = 0
}
END { if (n && !failed) { close(file); digest() } exit failed }
' read >listed || fail digest

# --- the answer: what was asked, then the directories below, breadth first, while there is room
tac listed >upward || fail answer
[ -s wanted ] || sed -n 's/^disk \([0-9]*\) .*/\1/p' ask >wanted
run '
is("ask") { if (split($0, part, " ") && part[1] == "disk") disks[++d] = part[2]; next }
is("counts") { files[$1] = $2; bytes[$1] = $3; next }
is("roots") { root[$1] = $2; next }
is("unread") {
	split($1, part, "/"); missed[part[1]]++; line = "unread " $1 " " $2 "\n"
	if (length(named line) < 3000) named = named line
	next
}
is("booted") { named = named $0 "\n"; next }
is("gone") { gone[$1]; next }
is("splits") { splits[$1] = $2; next }
is("wanted") { wanted[$1]; reserve += length($1) + 10; next }
$1 != dir || pass != was {
	told()
	if (pass != was) turn(pass)
	dir = $1; block = ""; count = 0
}
(dir in wanted) || (dir in below) { count++; if (length(block) < 16000) block = $2 "\n" block }    # it comes backwards
END { told(); turn(2) }
function put(text) { printf "%s", text; used += length(text) }
function turn(to,  i, path) {
	if (was < 1) {
		for (i = 1; i <= d; i++) put(sprintf("disk %s %.0f %.0f %s %d\n", disks[i], files[disks[i]], \
			bytes[disks[i]], (disks[i] in root) ? root[disks[i]] : "-", missed[disks[i]]))
		put(named); head = used
	}
	if (was < 2 && to == 2) for (path in wanted) if (!(path in done)) {
		done[path]; reserve = 0; dir = shown(path)
		while (sub(/\/%~[0-9a-f][0-9a-f]$/, "", dir)) ;
		put((dir in gone) ? "gone " shown(path) "\n" : "dir " shown(path) " " (splits[path] + 0) " 0\n")
	}
	was = to
}
function told(  text, i, n, line, part) {
	if (!count || (dir in done) || (was == 1 && !(dir in wanted))) return
	if (dir in wanted) reserve -= length(dir) + 10
	text = "dir " shown(dir) " " (splits[dir] + 0) " " count "\n" block
	if (used + length(text) + reserve > 15800) {
		if (dir in wanted) { done[dir]; put((head + length(text) + reserve > 15800 ? "big " : "later ") shown(dir) "\n") }
		return
	}
	done[dir]; put(text); n = split(block, line, "\n")
	for (i = 1; i < n; i++) if (split(line[i], part, " ") && part[2] ~ /[d%]/) below[dir " " part[1]]
}' ask counts roots unread booted gone splits wanted pass=1 upward pass=2 upward >answer || fail answer
{ echo "ferry-digest 1 $echo" && cat answer; } >whole || fail answer
cat whole
echo "end $(sha256sum whole | cut -c 1-64)"
