// Of Go's own package, as known_clients.py puts it together: programs in Go ask the kernel for the time, so that the library which moves
// the clock of the other clients does not reach them.
package time

import "syscall"

// moved is by how many seconds the file that CLOCK_FILE names moves the clock on.
func moved() int64 {
	name, isSet := syscall.Getenv("CLOCK_FILE")
	if !isSet {
		return 0
	}
	file, err := open(name)
	if err != nil {
		panic(err)
	}
	defer closefd(file)
	var text [24]byte
	count, err := read(file, text[:])
	if err != nil {
		panic(err)
	}
	seconds, err := atoi(text[:count])
	if err != nil {
		panic(err)
	}
	return int64(seconds)
}
