package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// watcher keeps the routing table equal to what the API server says.
type watcher struct {
	class   string
	objects informers.SharedInformerFactory
	secrets informers.SharedInformerFactory
	changed chan struct{}
	current atomic.Pointer[table]
}

func newWatcher(client kubernetes.Interface, class string) *watcher {
	onlyTLS := informers.WithTweakListOptions(func(options *metav1.ListOptions) {
		options.FieldSelector = "type=kubernetes.io/tls"
	})
	return &watcher{
		class:   class,
		objects: informers.NewSharedInformerFactory(client, 0),
		secrets: informers.NewSharedInformerFactoryWithOptions(client, 0, onlyTLS),
		changed: make(chan struct{}, 1),
	}
}

func (w *watcher) table() *table { return w.current.Load() }

// start returns once the first table is there, and follows every change until the context ends.
func (w *watcher) start(ctx context.Context) error {
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { w.notify() },
		UpdateFunc: func(any, any) { w.notify() },
		DeleteFunc: func(any) { w.notify() },
	}
	for _, informer := range []cache.SharedIndexInformer{
		w.objects.Networking().V1().Ingresses().Informer(),
		w.objects.Core().V1().Services().Informer(),
		w.objects.Discovery().V1().EndpointSlices().Informer(),
		w.secrets.Core().V1().Secrets().Informer(),
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	for _, factory := range []informers.SharedInformerFactory{w.objects, w.secrets} {
		factory.Start(ctx.Done())
		for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
			if !synced {
				return fmt.Errorf("could not list %v", kind)
			}
		}
	}
	w.current.Store(w.build())
	go w.follow(ctx)
	return nil
}

func (w *watcher) notify() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// follow rebuilds after each change; what changes within the next ten milliseconds is taken along.
func (w *watcher) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.changed:
		}
		time.Sleep(10 * time.Millisecond)
		w.current.Store(w.build())
	}
}

func (w *watcher) build() *table {
	var found objects
	found.ingresses, _ = w.objects.Networking().V1().Ingresses().Lister().List(labels.Everything())
	found.services, _ = w.objects.Core().V1().Services().Lister().List(labels.Everything())
	found.slices, _ = w.objects.Discovery().V1().EndpointSlices().Lister().List(labels.Everything())
	found.secrets, _ = w.secrets.Core().V1().Secrets().Lister().List(labels.Everything())
	return found.table(w.class)
}
