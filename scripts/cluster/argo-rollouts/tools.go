//go:build tools

// Package tools names the programs, so that `go mod tidy` keeps all that they are built from in go.mod and go.sum.
package tools

import (
	_ "github.com/argoproj/argo-rollouts/cmd/kubectl-argo-rollouts"
	_ "github.com/argoproj/argo-rollouts/cmd/rollouts-controller"
)
