module opensound/interop/smsg-original

go 1.25.0

require github.com/Snider/Borg v0.2.0

require (
	github.com/ProtonMail/go-crypto v1.3.0 // indirect
	github.com/Snider/Enchantrix v0.0.2 // indirect
	github.com/cloudflare/circl v1.6.1 // indirect
	github.com/klauspost/compress v1.18.2 // indirect
	golang.org/x/crypto v0.45.0 // indirect
	golang.org/x/sys v0.38.0 // indirect
)
