# Lays out the root folder of an image: programs, the shared libraries they load, and what glibc and TLS look for. Sourced by `build`.

# base_root ROOT: users, name resolution and certificate authorities; nothing that runs.
base_root() {
  mkdir -p "$1"/{etc/ssl/certs,usr/bin,tmp}
  chmod 1777 "$1/tmp"
  printf 'root:x:0:0:root:/:/none\nslipway:x:65532:65532:slipway:/tmp:/none\n' >"$1/etc/passwd"
  printf 'root:x:0:\nslipway:x:65532:\n' >"$1/etc/group"
  echo 'hosts: files dns' >"$1/etc/nsswitch.conf"
  put "$1" /etc/ssl/certs/ca-certificates.crt ca-certificates
}

# put ROOT FILE [PACKAGE]: copies a file of this machine to its own path and notes the Debian package it is from.
put() {
  local target=$1$2 package=${3:-$(package_of "$2")}
  mkdir -p "${target%/*}"
  cp -L "$2" "$target"
  [ -z "$package" ] || note_package "$1" "$package"
}

# program ROOT FILE [AS]: puts a program below /usr/bin, stripped, with every library it loads.
program() {
  local name=${3:-${2##*/}} library
  cp -L "$2" "$1/usr/bin/$name"
  strip --strip-debug "$1/usr/bin/$name"
  chmod 755 "$1/usr/bin/$name"
  libraries "$1" "$2"
}

libraries() { # root file
  local library
  for library in $(ldd "$2" | grep -o '/[^ ]*'); do
    [ -e "$1$library" ] || put "$1" "$library"
  done
}

# The package a file is from. Since /lib became a link to /usr/lib, a package may know it by either path.
package_of() {
  local file=$1 other
  case $file in /usr/*) other=${file#/usr} ;; *) other=/usr$file ;; esac
  { dpkg -S "$(realpath "$file")" || dpkg -S "$file" || dpkg -S "$other"; } 2>/dev/null | head -n1 | cut -d: -f1
}

# note_package ROOT PACKAGE: adds it to the list that the SBOM is made from, and its licence to the image.
note_package() {
  local list=$1.packages
  ! grep -qsx "$2" "$list" || return 0
  echo "$2" >>"$list"
  mkdir -p "$1/usr/share/doc/$2"
  cp -L "/usr/share/doc/$2/copyright" "$1/usr/share/doc/$2/copyright"
}
