package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

var errSent = errors.New("the request was sent already")

// counted is a connection that counts what is written to it.
type counted struct {
	net.Conn
	written atomic.Int64
}

func (c *counted) Write(content []byte) (int, error) {
	n, err := c.Conn.Write(content)
	c.written.Add(int64(n))
	return n, err
}

type dial func(ctx context.Context, network, address string) (net.Conn, error)

// counting makes the connections that onlyUnsent needs.
func counting(dial dial) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &counted{Conn: connection}, nil
	}
}

// onlyUnsent keeps the transport from sending a read again by itself, as it does when a connection it has used before
// breaks off. It asks for the body first, and gets none when anything of the request has been written.
func onlyUnsent(request *http.Request, body func() (io.ReadCloser, error)) *http.Request {
	var connection *counted
	var before int64
	out := request.WithContext(httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if connection, _ = info.Conn.(*counted); connection != nil {
				before = connection.written.Load()
			}
		},
	}))
	out.Body, _ = body()
	out.GetBody = func() (io.ReadCloser, error) {
		if connection != nil && connection.written.Load() > before {
			return nil, errSent
		}
		return body()
	}
	return out
}

// isRead tells of requests that the transport takes for harmless to send twice.
func isRead(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// nothing is a body without content that, unlike http.NoBody, is asked for again.
func nothing() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }
