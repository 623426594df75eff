package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// through serves one host whose pods are the given ones.
func through(t *testing.T, pods ...string) *httptest.Server {
	t.Helper()
	current := &table{hosts: map[string][]route{"": {{path: "/", pods: pods}}}}
	server := httptest.NewServer(newProxy(func() *table { return current }))
	t.Cleanup(server.Close)
	return server
}

func pod(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// nobody is an address that refuses connections.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s", r.Host, r.Header.Get("X-Forwarded-For"), body)
}

func TestAPostThatFoundNoConnectionGoesToAnotherPod(t *testing.T) {
	server := through(t, nobody(t), pod(t, echo))
	for _, size := range []int{10, replayable + 1} {
		content := strings.Repeat("x", size)
		for range 4 {
			response, err := http.Post(server.URL, "text/plain", strings.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode != 200 || !strings.HasSuffix(string(body), " 127.0.0.1 "+content) {
				t.Fatalf("got %d with %d bytes", response.StatusCode, len(body))
			}
		}
	}
}

func TestAPostWaitsForAPodThatIsAboutToListen(t *testing.T) {
	address := nobody(t)
	server := through(t, address)
	late := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	t.Cleanup(late.Close)
	time.AfterFunc(200*time.Millisecond, func() {
		if listener, err := net.Listen("tcp", address); err == nil {
			late.Listener = listener
			late.Start()
		}
	})
	response, err := http.Post(server.URL, "text/plain", strings.NewReader("x"))
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("got %v, %v", response, err)
	}
}

func TestAPodThatBreaksOffIsNotCoveredUpForByAnother(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		var requests atomic.Int32
		breaking := pod(t, func(http.ResponseWriter, *http.Request) {
			requests.Add(1)
			panic(http.ErrAbortHandler)
		})
		request, _ := http.NewRequest(method, through(t, breaking, breaking).URL, strings.NewReader("")) // no body
		response, err := http.DefaultClient.Do(request)
		if err != nil || response.StatusCode != 502 || requests.Load() != 1 {
			t.Fatalf("%s got %v, %v after %d requests", method, response, err, requests.Load())
		}
	}
}

func TestAReadOnAConnectionThatServedBeforeIsNotSentAgain(t *testing.T) {
	var requests atomic.Int32
	server := through(t, pod(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
		if r.ContentLength != 0 || r.TransferEncoding != nil {
			t.Errorf("a read came with a body: %d %v", r.ContentLength, r.TransferEncoding)
		}
		echo(w, r)
	}))
	for _, expected := range []int{200, 502} {
		response, err := http.Get(server.URL)
		if err != nil || response.StatusCode != expected {
			t.Fatalf("got %v, %v, expected %d", response, err, expected)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	if requests.Load() != 2 {
		t.Fatalf("the pod was sent %d requests", requests.Load())
	}
}

func TestAReadOnAConnectionThatWasClosedMeanwhileGoesThroughAnother(t *testing.T) {
	closing := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(closing.Close)
	server := through(t, strings.TrimPrefix(closing.URL, "http://"))
	for range 20 {
		response, err := http.Get(server.URL)
		if err != nil || response.StatusCode != 200 {
			t.Fatalf("got %v, %v", response, err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		closing.CloseClientConnections()
		time.Sleep(5 * time.Millisecond) // the proxy learns of it; without that, what it sends is lost like a write
	}
}

func TestWithoutAnyPodTheAnswerSaysWhenToTryAgain(t *testing.T) {
	response, err := http.Get(through(t).URL)
	if err != nil || response.StatusCode != 503 || response.Header.Get("Retry-After") != "1" {
		t.Fatalf("got %v, %v", response, err)
	}
}

func TestAnUpgradedConnectionCarriesBothDirections(t *testing.T) {
	server := through(t, pod(t, func(w http.ResponseWriter, r *http.Request) {
		connection, buffered, _ := w.(http.Hijacker).Hijack()
		defer connection.Close()
		fmt.Fprint(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		line, _ := buffered.ReadString('\n')
		fmt.Fprint(connection, "got "+line)
	}))
	connection, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil || response.StatusCode != 101 {
		t.Fatalf("got %v, %v", response, err)
	}
	fmt.Fprint(connection, "hello\n")
	if line, _ := reader.ReadString('\n'); line != "got hello\n" {
		t.Fatalf("got %q", line)
	}
}
