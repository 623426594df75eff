package main

import (
	"crypto/tls"
	"log"
	"net"
	"sort"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	netv1 "k8s.io/api/networking/v1"
)

// objects is what a table is made of.
type objects struct {
	ingresses []*netv1.Ingress
	services  []*corev1.Service
	slices    []*discoveryv1.EndpointSlice
	secrets   []*corev1.Secret
}

// table says where a request goes. It is never changed, only replaced.
type table struct {
	hosts        map[string][]route
	certificates map[string]*tls.Certificate
}

// route is one path of one host; those of a host are in order of preference.
type route struct {
	path  string
	exact bool
	pods  []string // host:port of those that take new requests
}

func (o objects) table(class string) *table {
	t := &table{hosts: map[string][]route{}, certificates: map[string]*tls.Certificate{}}
	// Of two Ingresses for the same host and path the older one counts, as in other controllers.
	sort.Slice(o.ingresses, func(i, j int) bool {
		a, b := o.ingresses[i], o.ingresses[j]
		if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
			return a.CreationTimestamp.Before(&b.CreationTimestamp)
		}
		return a.UID < b.UID
	})
	for _, ingress := range o.ingresses {
		if ingress.DeletionTimestamp != nil || ingress.Spec.IngressClassName == nil || *ingress.Spec.IngressClassName != class {
			continue
		}
		for _, rule := range ingress.Spec.Rules {
			t.addRule(o, ingress.Namespace, rule)
		}
		for _, entry := range ingress.Spec.TLS {
			t.addCertificate(o, ingress.Namespace, entry)
		}
	}
	for _, routes := range t.hosts {
		sort.SliceStable(routes, func(i, j int) bool {
			if len(routes[i].path) != len(routes[j].path) {
				return len(routes[i].path) > len(routes[j].path)
			}
			return routes[i].exact && !routes[j].exact
		})
	}
	return t
}

func (t *table) addRule(o objects, namespace string, rule netv1.IngressRule) {
	if rule.HTTP == nil {
		return
	}
	for _, path := range rule.HTTP.Paths {
		if path.Backend.Service == nil {
			continue
		}
		t.hosts[rule.Host] = append(t.hosts[rule.Host], route{
			path:  path.Path,
			exact: path.PathType != nil && *path.PathType == netv1.PathTypeExact,
			pods:  o.pods(namespace, path.Backend.Service),
		})
	}
}

func (t *table) addCertificate(o objects, namespace string, entry netv1.IngressTLS) {
	for _, secret := range o.secrets {
		if secret.Namespace != namespace || secret.Name != entry.SecretName {
			continue
		}
		pair, err := tls.X509KeyPair(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
		if err != nil {
			log.Printf("secret %s/%s: %v", namespace, secret.Name, err)
			return
		}
		for _, host := range entry.Hosts {
			t.certificates[host] = &pair
		}
	}
}

// pods lists who takes new requests for a service's port: ready, and not about to end.
func (o objects) pods(namespace string, backend *netv1.IngressServiceBackend) (pods []string) {
	name, ok := o.portName(namespace, backend)
	if !ok {
		return nil
	}
	for _, slice := range o.slices {
		if slice.Namespace != namespace || slice.Labels[discoveryv1.LabelServiceName] != backend.Name {
			continue
		}
		for _, port := range slice.Ports {
			if port.Port == nil || port.Name != nil && *port.Name != name {
				continue
			}
			for _, endpoint := range slice.Endpoints {
				if takesRequests(endpoint.Conditions) && len(endpoint.Addresses) > 0 {
					pods = append(pods, net.JoinHostPort(endpoint.Addresses[0], strconv.Itoa(int(*port.Port))))
				}
			}
		}
	}
	sort.Strings(pods)
	return pods
}

func takesRequests(conditions discoveryv1.EndpointConditions) bool {
	ready := conditions.Ready == nil || *conditions.Ready
	terminating := conditions.Terminating != nil && *conditions.Terminating
	return ready && !terminating
}

// portName is the name the service gives the port that an Ingress calls by name or number.
func (o objects) portName(namespace string, backend *netv1.IngressServiceBackend) (string, bool) {
	for _, service := range o.services {
		if service.Namespace != namespace || service.Name != backend.Name {
			continue
		}
		for _, port := range service.Spec.Ports {
			if backend.Port.Name != "" && port.Name == backend.Port.Name || backend.Port.Name == "" && port.Port == backend.Port.Number {
				return port.Name, true
			}
		}
	}
	return "", false
}

// find returns the route of a request: that of its host, else of the wildcard over its host, else of any host.
func (t *table) find(host, path string) *route {
	host = bareHost(host)
	_, parent, _ := strings.Cut(host, ".")
	for _, name := range []string{host, "*." + parent, ""} {
		for i, candidate := range t.hosts[name] {
			if candidate.matches(path) {
				return &t.hosts[name][i]
			}
		}
	}
	return nil
}

func (t *table) certificate(host string) *tls.Certificate {
	host = bareHost(host)
	if own := t.certificates[host]; own != nil {
		return own
	}
	_, parent, _ := strings.Cut(host, ".")
	return t.certificates["*."+parent]
}

// matches compares by path elements: /parse covers /parse and /parse/users, and not /parser.
func (r route) matches(path string) bool {
	if r.exact {
		return path == r.path
	}
	prefix := strings.TrimSuffix(r.path, "/")
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func bareHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
