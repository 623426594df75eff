// Browsers and curl find every name below .localhost on loopback (RFC 6761, 6.3); Node asks a name server. Preloaded with --import.

import dns from 'node:dns';

const lookup = dns.lookup;

dns.lookup = (name, options, callback) => {
  const local = name.endsWith('.localhost') ? '127.0.0.1' : name;
  return lookup(local, options, callback);
};
