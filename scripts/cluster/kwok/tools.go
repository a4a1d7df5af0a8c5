//go:build tools

// Package tools names the programs, so that `go mod tidy` keeps all that they are built from in go.mod and go.sum.
package tools

import (
	_ "sigs.k8s.io/kwok/cmd/kwok"
)
