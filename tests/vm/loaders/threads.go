// SPDX-License-Identifier: GPL-2.0-or-later

// A daemon of several threads, as Go makes them: each makes a map and loads an XDP program with the
// Go library that Debian packages (cilium/ebpf), again and again, until a file is there.
//
//	threads N FILE
//
// Prints how often all of them were let, how often refused with EPERM, how often anything else
// happened, and how many were let at least once. Exit status: 0 never refused, 1 refused, 2 anything
// else.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

type told struct{ loaded, refused, other int }

func load() error {
	counter, err := ebpf.NewMap(&ebpf.MapSpec{Name: "threads", Type: ebpf.Array, KeySize: 4,
		ValueSize: 8, MaxEntries: 1})
	if err != nil {
		return err
	}
	defer counter.Close()
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{Name: "threads", Type: ebpf.XDP,
		License: "GPL", Instructions: asm.Instructions{
			asm.LoadMapPtr(asm.R1, counter.FD()),
			asm.Mov.Imm(asm.R0, 2),
			asm.Return(),
		}})
	if err != nil {
		return err
	}
	return program.Close()
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// work keeps its thread for itself.
func work(until string, result *told) {
	runtime.LockOSThread()
	for !isThere(until) {
		switch err := load(); {
		case err == nil:
			result.loaded++
		case errors.Is(err, syscall.EPERM):
			result.refused++
		default:
			fmt.Fprintf(os.Stderr, "threads: %v\n", err)
			result.other++
		}
	}
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: threads N FILE")
		os.Exit(2)
	}
	n, err := strconv.ParseUint(os.Args[1], 10, 8)
	if err != nil {
		fmt.Fprintf(os.Stderr, "threads: %v\n", err)
		os.Exit(2)
	}

	results := make([]told, n)
	var workers sync.WaitGroup
	for i := range results {
		workers.Add(1)
		go func(result *told) {
			defer workers.Done()
			work(os.Args[2], result)
		}(&results[i])
	}
	workers.Wait()

	var all told
	let := 0
	for _, result := range results {
		all.loaded += result.loaded
		all.refused += result.refused
		all.other += result.other
		if result.loaded > 0 {
			let++
		}
	}
	fmt.Printf("loaded %d refused %d other %d let %d\n", all.loaded, all.refused, all.other, let)
	switch {
	case all.other > 0:
		os.Exit(2)
	case all.refused > 0:
		os.Exit(1)
	}
}
