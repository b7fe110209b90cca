// check reads what write.c wrote, with golang.org/x/mod/sumdb alone: the
// notes by note.Open, every proof by tlog.CheckRecord and tlog.CheckTree, the
// tiles by tlog.TileHashReader, every tree again from its leaves.
//
//	checkpoint-N, cosigned-N    the signed tree of N leaves; with a witness
//	altered-N-K, verdicts       a checkpoint with something wrong, and what
//	                            we say of it: 1 holds, 0 does not
//	inclusion, consistency      verdict, size, index or old size, hashes
//	proof-N.tlog-proof          c2sp.org/tlog-proof, its leaf as extra
//	tile/...                    c2sp.org/tlog-tiles of every size
//	log.vkey, witness.vkey      what a verifier knows
//
// The last line counts what was checked and where the verdicts differ.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	small = 300
	large = 70000
)

var (
	dir                   string
	proofs, disagreements int
)

func judge(what string, ours, theirs bool) {
	proofs++
	if ours != theirs {
		disagreements++
		fmt.Printf("go: %s: ours %v, theirs %v\n", what, ours, theirs)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "go:", err)
		os.Exit(1)
	}
}

func read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(dir, name))
	must(err)
	return data
}

// body is the three-line reader of c2sp.org/tlog-checkpoint.
func body(text string) (origin string, tree tlog.Tree, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return "", tree, fmt.Errorf("not three lines")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return "", tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return lines[0], tree, err
}

// witness verifies cosignature/v1, which the note package does not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	w.time = binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", w.time, msg)
	return ed25519.Verify(w.key, []byte(signed), sig[8:])
}

func newWitness(vkey string) *witness {
	part := strings.SplitN(vkey, "+", 3)
	hash, err := strconv.ParseUint(part[1], 16, 32)
	must(err)
	key, err := base64.StdEncoding.DecodeString(part[2])
	must(err)
	if len(key) != 33 || key[0] != 4 {
		must(fmt.Errorf("witness.vkey: not a cosigner's key"))
	}
	return &witness{name: part[0], hash: uint32(hash), key: key[1:]}
}

// open checks a note with these verifiers, all of which must have signed.
func open(data []byte, keys ...note.Verifier) (tree tlog.Tree, err error) {
	opened, err := note.Open(data, note.VerifierList(keys...))
	if err != nil {
		return tree, err
	}
	if len(opened.Sigs) != len(keys) {
		return tree, fmt.Errorf("%d signatures", len(opened.Sigs))
	}
	origin, tree, err := body(opened.Text)
	if err == nil && origin != keys[0].Name() {
		err = fmt.Errorf("origin %q", origin)
	}
	return tree, err
}

func decimal(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	must(err)
	return n
}

func hashes(fields []string) []tlog.Hash {
	list := []tlog.Hash{}
	for _, field := range fields {
		hash, err := tlog.ParseHash(field)
		must(err)
		list = append(list, hash)
	}
	return list
}

func eachLine(name string, do func(fields []string)) {
	scanner := bufio.NewScanner(bytes.NewReader(read(name)))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		do(strings.Fields(scanner.Text()))
	}
	must(scanner.Err())
}

func leaf(i int64) []byte {
	return []byte(fmt.Sprintf("entry %d of a test journal", i))
}

// tiles reads c2sp.org/tlog-tiles, whose paths leave out the height.
type tiles struct{}

func (tiles) Height() int { return 8 }
func (tiles) SaveTiles(list []tlog.Tile, data [][]byte) {
}
func (tiles) ReadTiles(list []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range list {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		hashes, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return nil, err
		}
		data = append(data, hashes)
	}
	return data, nil
}

// rebuild is the tree from its leaves, by the package's own storage.
type rebuild []tlog.Hash

func (r rebuild) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := []tlog.Hash{}
	for _, i := range indexes {
		list = append(list, r[i])
	}
	return list, nil
}

func (r *rebuild) grow(n int64) {
	stored, err := tlog.StoredHashes(n, leaf(n), *r)
	must(err)
	*r = append(*r, stored...)
}

func checkNotes(log note.Verifier, other *witness) map[int64]tlog.Hash {
	roots := map[int64]tlog.Hash{}
	built := rebuild{}
	for size := int64(1); size <= large; size++ {
		built.grow(size - 1)
		if size > small && size < large {
			continue
		}
		tree, err := open(read(fmt.Sprintf("checkpoint-%d", size)), log)
		judge(fmt.Sprintf("checkpoint-%d", size), true,
			err == nil && tree.N == size)
		same, err := open(read(fmt.Sprintf("cosigned-%d", size)), log, other)
		judge(fmt.Sprintf("cosigned-%d", size), true, err == nil &&
			same == tree && other.time == uint64(1790000000+size))
		root, err := tlog.TreeHash(size, built)
		must(err)
		judge(fmt.Sprintf("root of %d leaves", size), true,
			root == tree.Hash)
		roots[size] = tree.Hash
	}
	eachLine("verdicts", func(f []string) {
		_, err := open(read(f[0]), log)
		judge(f[0], f[1] == "1", err == nil)
	})
	return roots
}

func checkProofs(roots map[int64]tlog.Hash) {
	eachLine("inclusion", func(f []string) {
		size, index := decimal(f[1]), decimal(f[2])
		err := tlog.CheckRecord(hashes(f[3:]), size, roots[size], index,
			tlog.RecordHash(leaf(index)))
		judge(fmt.Sprintf("inclusion of %d in %d", index, size),
			f[0] == "1", err == nil)
	})
	eachLine("consistency", func(f []string) {
		size, old := decimal(f[1]), decimal(f[2])
		err := tlog.CheckTree(hashes(f[3:]), size, roots[size], old,
			roots[old])
		judge(fmt.Sprintf("consistency of %d with %d", old, size),
			f[0] == "1", err == nil)
	})
}

// checkFile reads a tlog-proof by itself and believes its extra for the leaf.
func checkFile(name string, log note.Verifier) error {
	head, checkpoint, ok := strings.Cut(string(read(name)), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		return fmt.Errorf("malformed")
	}
	record, err := base64.StdEncoding.DecodeString(lines[1][6:])
	if err != nil {
		return err
	}
	index := decimal(lines[2][6:])
	if !bytes.Equal(record, leaf(index)) {
		return fmt.Errorf("another leaf")
	}
	tree, err := open([]byte(checkpoint), log)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes(lines[3:]), tree.N, tree.Hash, index,
		tlog.RecordHash(record))
}

// checkTiles proves from the tiles what the files prove, at every size; in the
// large tree once in each tile, so that all of them are read.
func checkTiles(size int64, root tlog.Hash) {
	step := 1 + size/7
	if size == large {
		step = 256
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{})
	hash, err := tlog.TreeHash(size, reader)
	judge(fmt.Sprintf("tiles of %d", size), true, err == nil && hash == root)
	for index := int64(0); index < size; index += step {
		proof, err := tlog.ProveRecord(size, index, reader)
		if err == nil {
			err = tlog.CheckRecord(proof, size, root, index,
				tlog.RecordHash(leaf(index)))
		}
		judge(fmt.Sprintf("tiles prove %d in %d", index, size), true,
			err == nil)
	}
}

func main() {
	dir = os.Args[1]
	log, err := note.NewVerifier(strings.TrimSpace(string(read("log.vkey"))))
	must(err)
	other := newWitness(strings.TrimSpace(string(read("witness.vkey"))))
	roots := checkNotes(log, other)
	checkProofs(roots)
	for size, root := range roots {
		name := fmt.Sprintf("proof-%d.tlog-proof", size)
		judge(name, true, checkFile(name, log) == nil)
		checkTiles(size, root)
	}
	fmt.Printf("go: proofs=%d disagreements=%d\n", proofs, disagreements)
}
