// Verifies a record's log with golang.org/x/mod/sumdb/note and tlog and none of our code, and makes a
// key and a signed note for the other direction.
//
//	verify log FOLDER VKEY   checks checkpoint, tiles, entries, inclusion and consistency
//	verify note NAME         prints a signer key, a verifier key and a note, each after a line «---»
package main

import (
	"crypto/rand"
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

func main() {
	var err error
	switch os.Args[1] {
	case "log":
		err = checkLog(os.Args[2], os.Args[3])
	case "note":
		err = makeNote(os.Args[2])
	}
	if err != nil {
		fmt.Println("FAILED:", err)
		os.Exit(1)
	}
}

// tiles reads tiles of the C2SP layout: tile/<L>/<N>, where x/mod says tile/8/<L>/<N>.
type tiles struct{ folder string }

func (tiles) Height() int                        { return 8 }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := t.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (t tiles) read(tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	path = strings.Replace(path, "tile/data/", "tile/entries/", 1)
	return os.ReadFile(filepath.Join(t.folder, path))
}

func checkLog(folder, vkey string) error {
	size, root, err := checkpoint(folder, vkey)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{folder})
	hash, err := tlog.TreeHash(size, reader)
	if err != nil || hash != root {
		return fmt.Errorf("tree hash %v, %v", hash, err)
	}
	for n := int64(0); n*256 < size; n++ {
		width := 256
		if size-n*256 < 256 {
			width = int(size - n*256)
		}
		bundle, err := tiles{folder}.read(tlog.Tile{H: 8, L: -1, N: n, W: width})
		if err != nil {
			return err
		}
		for i := 0; i < width; i++ {
			length := int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			if err := checkEntry(reader, size, root, n*256+int64(i), entry); err != nil {
				return err
			}
		}
		if len(bundle) != 0 {
			return fmt.Errorf("%d bytes after bundle %d", len(bundle), n)
		}
	}
	fmt.Println("verified", size)
	return nil
}

// checkpoint verifies the signed note and reads its three lines. (tlog.ParseTree knows the origin of
// Go's own database only.)
func checkpoint(folder, vkey string) (int64, tlog.Hash, error) {
	var root tlog.Hash
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return 0, root, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return 0, root, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return 0, root, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return 0, root, fmt.Errorf("lines %q", lines)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, root, err
	}
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || copy(root[:], hash) != tlog.HashSize {
		return 0, root, fmt.Errorf("root %q: %v", lines[2], err)
	}
	fmt.Println("unverified signatures", len(opened.UnverifiedSigs))
	return size, root, nil
}

func checkEntry(reader tlog.HashReader, size int64, root tlog.Hash, index int64, entry []byte) error {
	// Every entry's place by its proof would take long; the ends of tiles are where mistakes are.
	if near := index % 256; near > 1 && near < 254 && index != size-1 {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil || hashes[0] != tlog.RecordHash(entry) {
			return fmt.Errorf("entry %d: %v", index, err)
		}
		return nil
	}
	proof, err := tlog.ProveRecord(size, index, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry)); err != nil {
		return fmt.Errorf("entry %d: %v", index, err)
	}
	older, err := tlog.TreeHash(index+1, reader)
	if err != nil {
		return err
	}
	consistency, err := tlog.ProveTree(size, index+1, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(consistency, size, root, index+1, older)
}

func makeNote(name string) error {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	empty := "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	signed, err := note.Sign(&note.Note{Text: name + "\n0\n" + empty + "\n"}, signer)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n---\n%s\n---\n%s", skey, vkey, signed)
	return nil
}
