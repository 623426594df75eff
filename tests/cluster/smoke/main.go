// Test server of the smoke test: an HTTP server, and small commands for kubectl exec.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var held [][]byte

func main() {
	if len(os.Args) > 2 && os.Args[1] == "get" { // get URL [timeout]
		c := http.Client{Timeout: 3 * time.Second}
		r, err := c.Get(os.Args[2])
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		io.Copy(os.Stdout, r.Body)
		return
	}
	if len(os.Args) > 2 && os.Args[1] == "resolve" {
		a, err := net.LookupHost(os.Args[2])
		fmt.Println(a, err)
		return
	}
	if len(os.Args) > 2 && os.Args[1] == "cat" {
		b, err := os.ReadFile(os.Args[2])
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Stdout.Write(b)
		return
	}
	if len(os.Args) > 3 && os.Args[1] == "write" {
		if err := os.WriteFile(os.Args[2], []byte(os.Args[3]), 0o644); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	host, _ := os.Hostname()
	draining := false
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s from %s forwarded for %s uid %d\n", host, os.Getenv("VERSION"), r.RemoteAddr, r.Header.Get("X-Forwarded-For"), os.Getuid())
	})
	http.HandleFunc("/ready", func(w http.ResponseWriter, r *http.Request) {
		if draining {
			w.WriteHeader(503)
		}
	})
	http.HandleFunc("/alloc", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("mb"))
		for i := 0; i < n; i++ {
			b := make([]byte, 1<<20)
			for j := 0; j < len(b); j += 4096 {
				b[j] = 1
			}
			held = append(held, b)
		}
	})
	http.HandleFunc("/burn", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("s"))
		for end := time.Now().Add(time.Duration(n) * time.Second); time.Now().Before(end); {
		}
	})
	http.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) {
		b, _ := os.ReadFile("/proc/self/status")
		for _, l := range strings.Split(string(b), "\n") {
			if strings.HasPrefix(l, "Cap") || strings.HasPrefix(l, "Sec") || strings.HasPrefix(l, "NoNew") || strings.HasPrefix(l, "Uid") {
				fmt.Fprintln(w, l)
			}
		}
	})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		draining = true
		time.Sleep(5 * time.Second)
		os.Exit(0)
	}()
	fmt.Println("listening", host, os.Getenv("VERSION"))
	panic(http.ListenAndServe(":8080", nil))
}
