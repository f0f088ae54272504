// SPDX-License-Identifier: GPL-2.0-or-later

// An Alice who writes her program while she runs: from the UDP ports on her command line she
// assembles an XDP program that counts the packets to each, loads it with the Go library that
// Debian packages (cilium/ebpf), attaches it to lo, sends what it is to count, and prints.
// No object file, no compiler: nothing that anybody could have signed beforehand.
//
//	dynamic [-type xdp|raw_tracepoint] [-pad N] [-pin PATH] PORT...
//
// Exit status: 0 counted what was sent, 1 refused with EPERM, 2 anything else.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
)

const packets = 3 // to each port

// add ends a program: one more in counter[index], then "return r".
func add(counter *ebpf.Map, index int, symbol string, r int32) asm.Instructions {
	return asm.Instructions{
		asm.StoreImm(asm.R10, -4, int64(index), asm.Word).WithSymbol(symbol),
		asm.LoadMapPtr(asm.R1, counter.FD()),
		asm.Mov.Reg(asm.R2, asm.R10),
		asm.Add.Imm(asm.R2, -4),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "pass"),
		asm.Mov.Imm(asm.R1, 1),
		asm.StoreXAdd(asm.R0, asm.R1, asm.DWord),
		asm.Mov.Imm(asm.R0, r),
		asm.Return(),
	}
}

func padding(n int) asm.Instructions {
	var instructions asm.Instructions
	for i := 0; i < n; i++ {
		instructions = append(instructions, asm.Mov.Imm(asm.R0, int32(i)))
	}
	return instructions
}

// Ethernet, IPv4 without options, UDP: one comparison and one counter for each port.
func assembleXDP(counter *ebpf.Map, ports []int, pad int) asm.Instructions {
	program := append(padding(pad),
		asm.LoadMem(asm.R2, asm.R1, 0, asm.Word), // data
		asm.LoadMem(asm.R3, asm.R1, 4, asm.Word), // data_end
		asm.Mov.Reg(asm.R4, asm.R2),
		asm.Add.Imm(asm.R4, 14+20+8),
		asm.JGT.Reg(asm.R4, asm.R3, "pass"),
		asm.LoadMem(asm.R5, asm.R2, 12, asm.Half),
		asm.JNE.Imm(asm.R5, 0x0008, "pass"), // ETH_P_IP as it lies in memory
		asm.LoadMem(asm.R5, asm.R2, 14, asm.Byte),
		asm.JNE.Imm(asm.R5, 0x45, "pass"),
		asm.LoadMem(asm.R5, asm.R2, 14+9, asm.Byte),
		asm.JNE.Imm(asm.R5, 17, "pass"),
		asm.LoadMem(asm.R5, asm.R2, 14+20+2, asm.Half),
		asm.HostTo(asm.BE, asm.R5, asm.Half),
	)
	for i, port := range ports {
		program = append(program, asm.JEq.Imm(asm.R5, int32(port), fmt.Sprintf("port%d", i)))
	}
	program = append(program, asm.Mov.Imm(asm.R0, 2).WithSymbol("pass"), asm.Return())
	for i := range ports {
		program = append(program, add(counter, i, fmt.Sprintf("port%d", i), 2)...)
	}
	return program
}

func assembleRawTracepoint(counter *ebpf.Map, pad int) asm.Instructions {
	program := append(padding(pad), add(counter, 0, "count", 0)...)
	return append(program, asm.Mov.Imm(asm.R0, 0).WithSymbol("pass"), asm.Return())
}

func attach(program *ebpf.Program) (link.Link, error) {
	if program.Type() == ebpf.RawTracepoint {
		return link.AttachRawTracepoint(link.RawTracepointOptions{Name: "sys_enter", Program: program})
	}
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		return nil, err
	}
	return link.AttachXDP(link.XDPOptions{Program: program, Interface: lo.Index,
		Flags: link.XDPGenericMode})
}

// From a socket that is not connected: nobody listens there, and it is not told so.
func send(ports []int) error {
	from, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer from.Close()
	for i := 0; i < packets*len(ports); i++ {
		to := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: ports[i%len(ports)]}
		if _, err := from.WriteTo([]byte("count me"), to); err != nil {
			return err
		}
	}
	return nil
}

// report prints the counters, and says whether each is what it should be.
func report(counter *ebpf.Map, ports []int, exact bool) error {
	for i, port := range ports {
		var value uint64
		if err := counter.Lookup(uint32(i), &value); err != nil {
			return err
		}
		fmt.Printf("port %d: %d\n", port, value)
		if exact && value != packets || value == 0 {
			return fmt.Errorf("port %d: %d packets were sent", port, packets)
		}
	}
	return nil
}

func run(kind, pin string, pad int, ports []int) error {
	counter, err := ebpf.NewMap(&ebpf.MapSpec{Name: "port_packets", Type: ebpf.Array,
		KeySize: 4, ValueSize: 8, MaxEntries: uint32(len(ports))})
	if err != nil {
		return err
	}
	defer counter.Close()

	spec := &ebpf.ProgramSpec{Name: "assembled", Type: ebpf.XDP, License: "GPL",
		Instructions: assembleXDP(counter, ports, pad)}
	if kind == "raw_tracepoint" {
		ports = ports[:1]
		spec.Type, spec.Instructions = ebpf.RawTracepoint, assembleRawTracepoint(counter, pad)
	}
	program, err := ebpf.NewProgram(spec)
	if err != nil {
		return err
	}
	defer program.Close()
	if pin != "" {
		if err := program.Pin(pin); err != nil {
			return err
		}
	}

	attached, err := attach(program)
	if err != nil {
		return err
	}
	defer attached.Close()
	if err := send(ports); err != nil {
		return err
	}
	return report(counter, ports, kind == "xdp")
}

func main() {
	kind := flag.String("type", "xdp", "`TYPE` of the program: xdp or raw_tracepoint")
	pad := flag.Int("pad", 0, "begin with this many instructions that do nothing")
	pin := flag.String("pin", "", "pin the program at `PATH`")
	flag.Parse()

	var ports []int
	for _, argument := range flag.Args() {
		port, err := strconv.ParseUint(argument, 10, 16)
		if err != nil {
			fmt.Fprintf(os.Stderr, "dynamic: %v\n", err)
			os.Exit(2)
		}
		ports = append(ports, int(port))
	}
	if len(ports) == 0 || *kind != "xdp" && *kind != "raw_tracepoint" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*kind, *pin, *pad, ports); err != nil {
		fmt.Fprintf(os.Stderr, "dynamic: %v\n", err)
		if errors.Is(err, syscall.EPERM) {
			os.Exit(1)
		}
		os.Exit(2)
	}
}
