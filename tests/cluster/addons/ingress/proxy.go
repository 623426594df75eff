package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

type routeKey struct{}

// newProxy serves requests by the table that is current when they arrive.
func newProxy(current func() *table) http.Handler {
	proxy := &httputil.ReverseProxy{
		Transport:     newRetrying(newTransport(), current),
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if errors.Is(err, context.Canceled) {
				return // the client has gone
			}
			if errors.Is(err, errNobody) {
				w.Header().Set("Retry-After", "1")
				refuse(w, http.StatusServiceUnavailable, "Nothing is ready to serve this address. Please try again in a moment.")
				return
			}
			log.Printf("%s %s%s: %v", r.Method, r.Host, r.URL.Path, err)
			refuse(w, http.StatusBadGateway, "The server of this address broke off before it answered.")
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found := current().find(r.Host, r.URL.Path)
		if found == nil {
			refuse(w, http.StatusNotFound, "Nothing is served at this address.")
			return
		}
		proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), routeKey{}, found)))
	})
}

func refuse(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": sentence})
}

// newTransport notices within seconds that a node has gone silent.
func newTransport() http.RoundTripper {
	dialer := &net.Dialer{
		Timeout:         time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 3},
		Control: func(_, _ string, connection syscall.RawConn) error {
			var err error
			controlled := connection.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 3000)
			})
			return errors.Join(controlled, err)
		},
	}
	return &http.Transport{
		DialContext:         counting(dialer.DialContext),
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     30 * time.Second, // sooner than the backends close theirs
		DisableCompression:  true,
	}
}
