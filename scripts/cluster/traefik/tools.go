//go:build tools

// Package tools names the program, so that `go mod tidy` keeps all that it is built from in go.mod and go.sum.
package tools

import _ "github.com/traefik/traefik/v3/cmd/traefik"
