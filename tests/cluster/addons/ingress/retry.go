package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

var errNobody = errors.New("no pod is ready")

const (
	// Bodies up to this size are held in memory, so that an unsent request can be sent again on another connection.
	replayable = 256 << 10
	// How long a pod that did not answer the dial is asked last.
	penalty = 5 * time.Second
	// How long to go on dialling when no pod answers, and how long to wait between the rounds.
	patience = 5 * time.Second
	breath   = 50 * time.Millisecond
)

// retrying sends a request to one of its route's pods, and to another if no connection came about. What was sent is
// never sent again, not even a read: a pod that breaks off must not go unnoticed.
type retrying struct {
	base    http.RoundTripper
	current func() *table
	turn    atomic.Uint64
	silent  sync.Map // pod -> time until which it is asked last
}

func newRetrying(base http.RoundTripper, current func() *table) *retrying {
	return &retrying{base: base, current: current}
}

func (t *retrying) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := hold(request)
	if err != nil {
		return nil, err
	}
	tried := map[string]bool{}
	failure := errNobody
	for began := time.Now(); ; {
		pod := t.pick(t.pods(request, failure != errNobody), tried)
		if pod == "" {
			// Only requests that were not sent get here with all pods tried.
			if !isDial(failure) || time.Since(began) > patience || !pause(request.Context(), breath) {
				return nil, failure
			}
			clear(tried)
			continue
		}
		tried[pod] = true
		response, err := t.base.RoundTrip(toPod(request, pod, body))
		if err == nil {
			return response, nil
		}
		failure = err
		if request.Context().Err() != nil || !isDial(err) {
			return nil, err
		}
		t.silent.Store(pod, time.Now().Add(penalty))
	}
}

// pods of the request's route; after a failure those of now, since the pods it began with may be gone.
func (t *retrying) pods(request *http.Request, again bool) []string {
	found, _ := request.Context().Value(routeKey{}).(*route)
	if again {
		found = t.current().find(request.Host, request.URL.Path)
	}
	if found == nil {
		return nil
	}
	return found.pods
}

// pick takes turns among the pods not tried yet, and comes to silent ones last.
func (t *retrying) pick(pods []string, tried map[string]bool) (last string) {
	start := int(t.turn.Add(1) % (1 << 30))
	for i := range pods {
		pod := pods[(start+i)%len(pods)]
		if tried[pod] {
			continue
		}
		if until, silent := t.silent.Load(pod); silent && time.Now().Before(until.(time.Time)) {
			last = pod
			continue
		}
		return pod
	}
	return last
}

// hold reads a small body into memory and returns a function that gives it from its beginning; a large one is
// passed on as it comes, and its function gives what is left of it.
func hold(request *http.Request) (func() (io.ReadCloser, error), error) {
	if request.Body == nil || request.Body == http.NoBody {
		return nil, nil
	}
	if request.ContentLength < 0 || request.ContentLength > replayable {
		return func() (io.ReadCloser, error) { return io.NopCloser(request.Body), nil }, nil
	}
	content, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }, nil
}

func toPod(request *http.Request, pod string, body func() (io.ReadCloser, error)) *http.Request {
	out := request.Clone(request.Context())
	out.URL.Host = pod
	switch {
	case body == nil && isRead(request.Method):
		return onlyUnsent(out, nothing)
	case body == nil:
		return out
	case request.ContentLength >= 0 && request.ContentLength <= replayable:
		return onlyUnsent(out, body)
	}
	out.Body, _ = body()
	return out
}

// pause waits, and tells whether the request still has somebody who waits for it.
func pause(ctx context.Context, length time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(length):
		return true
	}
}

// isDial tells that no connection came about, so nothing of the request was sent.
func isDial(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}
