package main

import (
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// shop is a service with one pod that serves, one that ends and one that is not ready.
func shop() objects {
	endpoint := func(address string, ready, terminating bool) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{Addresses: []string{address}, Conditions: discoveryv1.EndpointConditions{Ready: &ready, Terminating: &terminating}}
	}
	return objects{
		services: []*corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "shop"},
			Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "http", Port: 80}}},
		}},
		slices: []*discoveryv1.EndpointSlice{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "a", Labels: map[string]string{discoveryv1.LabelServiceName: "shop"}},
			Ports:      []discoveryv1.EndpointPort{{Name: new("http"), Port: new(int32(1337))}},
			Endpoints:  []discoveryv1.Endpoint{endpoint("10.0.0.1", true, false), endpoint("10.0.0.2", true, true), endpoint("10.0.0.3", false, false)},
		}},
	}
}

func rule(host, path string, kind netv1.PathType, service string) netv1.IngressRule {
	backend := netv1.IngressBackend{Service: &netv1.IngressServiceBackend{Name: service, Port: netv1.ServiceBackendPort{Number: 80}}}
	return netv1.IngressRule{Host: host, IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{
		Paths: []netv1.HTTPIngressPath{{Path: path, PathType: &kind, Backend: backend}},
	}}}
}

func ingress(class string, age time.Duration, rules ...netv1.IngressRule) *netv1.Ingress {
	return &netv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{Namespace: "a", CreationTimestamp: metav1.NewTime(time.Unix(1e9, 0).Add(-age))},
		Spec:       netv1.IngressSpec{IngressClassName: &class, Rules: rules},
	}
}

func TestOnlyReadyPodsThatStayGetRequests(t *testing.T) {
	o := shop()
	o.ingresses = []*netv1.Ingress{ingress("ours", 0, rule("shop.test", "/", netv1.PathTypePrefix, "shop"))}
	found := o.table("ours").find("Shop.test:8080", "/anything")
	if found == nil || !slices.Equal(found.pods, []string{"10.0.0.1:1337"}) {
		t.Fatalf("got %+v", found)
	}
}

func TestAnotherClassAndAnUnknownHostAreNotServed(t *testing.T) {
	o := shop()
	o.ingresses = []*netv1.Ingress{ingress("theirs", 0, rule("shop.test", "/", netv1.PathTypePrefix, "shop"))}
	if found := o.table("ours").find("shop.test", "/"); found != nil {
		t.Fatalf("got %+v", found)
	}
}

func TestTheLongestPathWinsAndPathsEndAtElements(t *testing.T) {
	o := shop()
	o.ingresses = []*netv1.Ingress{ingress("ours", 0,
		rule("shop.test", "/parse", netv1.PathTypePrefix, "shop"),
		rule("shop.test", "/parse/health", netv1.PathTypeExact, "none"),
		rule("*.apps.test", "/", netv1.PathTypePrefix, "shop"),
	)}
	table := o.table("ours")
	for _, c := range []struct {
		host, path string
		pods       int // -1: no route
	}{
		{"shop.test", "/parse", 1}, {"shop.test", "/parse/users", 1}, {"shop.test", "/parser", -1},
		{"shop.test", "/parse/health", 0}, {"x.apps.test", "/", 1}, {"x.y.apps.test", "/", -1}, {"apps.test", "/", -1},
	} {
		pods := -1
		if found := table.find(c.host, c.path); found != nil {
			pods = len(found.pods)
		}
		if pods != c.pods {
			t.Errorf("%s%s: got %d pods, want %d", c.host, c.path, pods, c.pods)
		}
	}
}

func TestOfTwoIngressesForOneHostTheOlderCounts(t *testing.T) {
	o := shop()
	o.ingresses = []*netv1.Ingress{
		ingress("ours", 0, rule("shop.test", "/", netv1.PathTypePrefix, "none")),
		ingress("ours", time.Hour, rule("shop.test", "/", netv1.PathTypePrefix, "shop")),
	}
	if found := o.table("ours").find("shop.test", "/"); len(found.pods) != 1 {
		t.Fatalf("got %+v", found)
	}
}
