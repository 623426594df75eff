// ingress routes HTTP, HTTPS and WebSockets from a node's ports 80 and 443 to the pods that Ingress resources of
// its class name.
//
// It reads Ingresses, Services, EndpointSlices and TLS secrets, and writes nothing. A pod that terminates gets no
// new request from the moment its EndpointSlice says so, and a request for which no connection came about is sent to
// another one, so a rollout whose pods wait a moment before they stop loses no request.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	class := flag.String("class", "slipway-dev", "name of the IngressClass to serve")
	kubeconfig := flag.String("kubeconfig", "", "path of the kubeconfig; none: the pod's service account")
	cert := flag.String("certificate", "", "certificate of hosts that bring none")
	key := flag.String("key", "", "its key")
	plain := flag.String("http", ":8080", "address to serve HTTP on")
	secure := flag.String("https", ":8443", "address to serve HTTPS on")
	health := flag.String("health", ":8081", "address to answer readiness on")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	fallback, err := tls.LoadX509KeyPair(*cert, *key)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	watcher := newWatcher(kubernetes.NewForConfigOrDie(config), *class)
	if err := watcher.start(ctx); err != nil {
		log.Fatal(err)
	}
	proxy := newProxy(watcher.table)
	servers := []*http.Server{
		{Addr: *plain, Handler: proxy, ReadHeaderTimeout: 10 * time.Second},
		{Addr: *secure, Handler: proxy, ReadHeaderTimeout: 10 * time.Second, TLSConfig: &tls.Config{
			GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
				if own := watcher.table().certificate(hello.ServerName); own != nil {
					return own, nil
				}
				return &fallback, nil
			},
		}},
		{Addr: *health, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})},
	}
	serve(ctx, servers)
}

// serve runs the servers until the context ends, and then lets them finish their requests.
func serve(ctx context.Context, servers []*http.Server) {
	for _, server := range servers {
		go func() {
			listen := server.ListenAndServe
			if server.TLSConfig != nil {
				listen = func() error { return server.ListenAndServeTLS("", "") }
			}
			if err := listen(); !errors.Is(err, http.ErrServerClosed) {
				log.Fatal(err)
			}
		}()
	}
	<-ctx.Done()
	deadline, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, server := range servers {
		_ = server.Shutdown(deadline)
	}
}
