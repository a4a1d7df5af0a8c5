// Command load sends requests at a steady rate and tells as JSON what came back: every failure with its time, and who
// answered in each second. It goes on until its time is over or it is asked to end.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

type options struct {
	url      string
	host     string
	rate     int
	duration time.Duration
	patience time.Duration
	fresh    bool
	cookie   string
	held     bool
	requests int
}

func main() {
	var o options
	flag.StringVar(&o.url, "url", "", "what to ask for")
	flag.StringVar(&o.host, "host", "", "the Host header, where it is not the URL's")
	flag.IntVar(&o.rate, "rate", 100, "requests a second")
	flag.DurationVar(&o.duration, "for", time.Hour, "when to end")
	flag.DurationVar(&o.patience, "patience", 5*time.Second, "how long one request may take")
	flag.BoolVar(&o.fresh, "fresh", false, "a new connection for each request")
	flag.StringVar(&o.cookie, "cookie", "", "the Cookie header")
	flag.IntVar(&o.requests, "requests", 0, "end after so many; 0: go on")
	flag.BoolVar(&o.held, "held", false, "end when the input ends")
	flag.Parse()
	if o.url == "" || o.rate < 1 {
		log.Fatal("load needs -url and a -rate above 0")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.duration)
	defer cancel()
	if o.held {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	// Who waits for the first request is told.
	seen := newReport(func() { fmt.Fprintln(os.Stderr, "first answer") })
	send(ctx, o, seen)
	if err := json.NewEncoder(os.Stdout).Encode(seen.finished()); err != nil {
		log.Fatal(err)
	}
}

// An open loop: a slow answer does not hold the next request back, as users do not wait for each other.
func send(ctx context.Context, o options, seen *report) {
	client := &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives:   o.fresh,
			MaxIdleConnsPerHost: 10_000,
			DialContext:         (&net.Dialer{Timeout: o.patience}).DialContext,
		},
		Timeout:       o.patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var sending sync.WaitGroup
	began := time.Now()
	for n := 0; o.requests == 0 || n < o.requests; n++ {
		wait := time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(o.rate)))
		if wait > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(wait):
			}
		}
		if ctx.Err() != nil {
			break
		}
		sending.Go(func() { seen.add(ask(client, o)) })
	}
	sending.Wait()
}

type answer struct {
	at       time.Time
	took     time.Duration
	status   int
	version  string
	color    string
	failure  string
	attempts int
}

func ask(client *http.Client, o options) (got answer) {
	got.at = time.Now()
	defer func() { got.took = time.Since(got.at) }()
	// The client repeats a request by itself when the server closed a kept connection at that moment. That is no failure
	// (RFC 9110, section 9.2.2), and it is told.
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.attempts++ }}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), trace), "GET", o.url, nil)
	if err != nil {
		log.Fatal(err)
	}
	if o.host != "" {
		request.Host = o.host
	}
	if o.cookie != "" {
		request.Header.Set("cookie", o.cookie)
	}
	response, err := client.Do(request)
	if err != nil {
		got.failure = err.Error()
		return got
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	got.status = response.StatusCode
	if err != nil {
		got.failure = err.Error()
		return got
	}
	if response.StatusCode != http.StatusOK {
		got.failure = fmt.Sprintf("status %d: %.200s", response.StatusCode, body)
		return got
	}
	var who struct{ Version, Color string }
	if err := json.Unmarshal(body, &who); err != nil {
		got.failure = fmt.Sprintf("not JSON: %.200s", body)
		return got
	}
	got.version, got.color = who.Version, who.Color
	return got
}
