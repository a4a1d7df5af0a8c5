package main

import (
	"sort"
	"sync"
)

// Times are milliseconds since 1970, of when a request was sent.
type report struct {
	Sent    int `json:"sent"`
	Failed  int `json:"failed"`
	Retried int `json:"retried"`
	// All of them, up to a bound that keeps the report readable.
	Failures []failure `json:"failures"`
	Seconds  []*second `json:"seconds"`
	// When each version and color was first and last asked and answered.
	Versions map[string]*span `json:"versions"`
	Colors   map[string]*span `json:"colors"`
	// Of answers, in milliseconds.
	Latency struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
		Max float64 `json:"max"`
	} `json:"latency"`

	lock      sync.Mutex
	latencies []float64
	bySecond  map[int64]*second
	first     func()
}

type failure struct {
	At     int64   `json:"at"`
	Took   float64 `json:"tookMilliseconds"`
	Status int     `json:"status"`
	Reason string  `json:"reason"`
}

type second struct {
	At       int64          `json:"at"`
	Sent     int            `json:"sent"`
	Failed   int            `json:"failed"`
	Versions map[string]int `json:"versions"`
	Colors   map[string]int `json:"colors"`
}

type span struct {
	Count int   `json:"count"`
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

const failuresKept = 1000

func newReport(first func()) *report {
	return &report{
		Failures: []failure{},
		Versions: map[string]*span{},
		Colors:   map[string]*span{},
		bySecond: map[int64]*second{},
		first:    first,
	}
}

func (r *report) add(got answer) {
	r.lock.Lock()
	defer r.lock.Unlock()
	at := got.at.UnixMilli()
	took := float64(got.took.Microseconds()) / 1000
	in := r.second(at)
	r.Sent++
	in.Sent++
	if got.attempts > 1 {
		r.Retried++
	}
	if got.failure != "" {
		r.Failed++
		in.Failed++
		if len(r.Failures) < failuresKept {
			r.Failures = append(r.Failures, failure{At: at, Took: took, Status: got.status, Reason: got.failure})
		}
		return
	}
	r.latencies = append(r.latencies, took)
	if len(r.latencies) == 1 {
		r.first()
	}
	in.Versions[got.version]++
	in.Colors[got.color]++
	extend(r.Versions, got.version, at)
	extend(r.Colors, got.color, at)
}

func (r *report) second(at int64) *second {
	start := at - at%1000
	if r.bySecond[start] == nil {
		r.bySecond[start] = &second{At: start, Versions: map[string]int{}, Colors: map[string]int{}}
		r.Seconds = append(r.Seconds, r.bySecond[start])
	}
	return r.bySecond[start]
}

func extend(spans map[string]*span, name string, at int64) {
	if spans[name] == nil {
		spans[name] = &span{First: at, Last: at}
	}
	spans[name].Count++
	spans[name].First = min(spans[name].First, at)
	spans[name].Last = max(spans[name].Last, at)
}

func (r *report) finished() *report {
	sort.Slice(r.Seconds, func(a, b int) bool { return r.Seconds[a].At < r.Seconds[b].At })
	sort.Slice(r.Failures, func(a, b int) bool { return r.Failures[a].At < r.Failures[b].At })
	if n := len(r.latencies); n > 0 {
		sort.Float64s(r.latencies)
		r.Latency.P50 = r.latencies[n/2]
		r.Latency.P99 = r.latencies[min(n-1, n*99/100)]
		r.Latency.Max = r.latencies[n-1]
	}
	if r.Seconds == nil {
		r.Seconds = []*second{}
	}
	return r
}
