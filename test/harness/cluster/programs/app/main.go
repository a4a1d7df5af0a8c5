// Command app is the smallest service that shows everything a target promises: it tells what it is, what it was given and
// what it does.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// How long it serves on after it was asked to end: until nobody sends it new requests.
const drainSeconds = 2

type service struct {
	ending   atomic.Bool
	mode     string
	failRate float64
	slow     time.Duration
	identity map[string]any
}

func main() {
	if os.Getenv("MODE") == "exits" {
		fmt.Fprintln(os.Stderr, "the database is not there")
		os.Exit(7)
	}
	version := os.Getenv("VERSION")
	app := &service{
		mode:     os.Getenv("MODE"),
		failRate: number("FAIL_RATE"),
		slow:     time.Duration(number("SLOW_MS") * float64(time.Millisecond)),
		identity: map[string]any{
			"version": version,
			"color":   os.Getenv("SLUICE_COLOR"),
			"release": os.Getenv("SLUICE_RELEASE"),
			"host":    os.Getenv("HOSTNAME"),
		},
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "3000"
	}
	server := &http.Server{Addr: ":" + port, Handler: app}
	ended := make(chan struct{})
	go app.endWhenAsked(server, ended)
	fmt.Printf("version %s listens\n", version)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-ended
}

func (a *service) endWhenAsked(server *http.Server, ended chan<- struct{}) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	<-asked
	fmt.Println("asked to end")
	a.ending.Store(true)
	time.Sleep(drainSeconds * time.Second)
	// Every open connection hears with its next answer that it is the last one.
	_ = server.Shutdown(context.Background())
	close(ended)
}

// ServeHTTP answers by the last part of the path, so that it does not matter below which path users reach the service.
func (a *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path.Base(r.URL.Path) {
	case "health":
		answer(w, http.StatusOK, "ok")
	case "ready":
		if a.mode == "unready" || a.ending.Load() {
			answer(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		answer(w, http.StatusOK, "ok")
	case "environment":
		answer(w, http.StatusOK, environment())
	case "file":
		content, err := os.ReadFile(r.URL.Query().Get("path"))
		if err != nil {
			answer(w, http.StatusNotFound, err.Error())
			return
		}
		answer(w, http.StatusOK, string(content))
	case "ask":
		askAnother(w, r.URL.Query().Get("url"))
	case "log":
		fmt.Println(r.URL.Query().Get("text"))
		answer(w, http.StatusOK, "logged")
	default:
		time.Sleep(a.slow)
		status := http.StatusOK
		if rand.Float64() < a.failRate {
			status = http.StatusInternalServerError
		}
		answer(w, status, a.identity)
	}
}

// Hands on what another service answers, or why it does not.
func askAnother(w http.ResponseWriter, url string) {
	client := &http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		answer(w, http.StatusBadGateway, err.Error())
		return
	}
	defer response.Body.Close()
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("content-type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func environment() map[string]string {
	all := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		all[name] = value
	}
	return all
}

func number(name string) float64 {
	text := os.Getenv(name)
	if text == "" {
		return 0
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	return value
}
