# Certificates and kubeconfigs of one run of the cluster. Sourced by `up`.

new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

ca() { # file common-name
  openssl req -x509 "${new_key[@]}" -days 3650 -subj "/CN=$2" -keyout "$PKI/$1.key" -out "$PKI/$1.crt" 2>/dev/null
}

cert() { # ca file subject [alternative names]
  openssl req -new "${new_key[@]}" -subj "$3" -keyout "$PKI/$2.key" 2>/dev/null |
    openssl x509 -req -days 3650 -CA "$PKI/$1.crt" -CAkey "$PKI/$1.key" -CAcreateserial -out "$PKI/$2.crt" \
      -extfile <(printf 'keyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n'
        [ -z "${4:-}" ] || echo "subjectAltName=$4") 2>/dev/null
}

kubeconfig() { # name subject server
  cert ca "$1" "$2"
  cat >"$RUN/$1.kubeconfig" <<X
apiVersion: v1
kind: Config
clusters: [{name: $NAME, cluster: {server: "$3", certificate-authority: $PKI/ca.crt}}]
users: [{name: $1, user: {client-certificate: $PKI/$1.crt, client-key: $PKI/$1.key}}]
contexts: [{name: $NAME, context: {cluster: $NAME, user: $1}}]
current-context: $NAME
X
}

# What the ingress answers to when a route brings no certificate of its own: the console, and every app of every region.
ingress_names() {
  local node names=DNS:localhost,DNS:slipway.localhost,DNS:*.slipway.localhost
  for node in $NODES; do
    [[ $names == *"*.$(region_of "$node").apps"* ]] || names+=",DNS:*.$(region_of "$node").apps.slipway.localhost"
  done
  echo "$names"
}
