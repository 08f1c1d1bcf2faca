//go:build tools

// Package engine pins Pulumi's engine and all it is made of. For another version, here:
//
//	go get github.com/pulumi/pulumi/pkg/v3@v3.x.y && go mod tidy
//
// and the same version in versions.py.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
