package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"os"
	"time"

	"github.com/keybase/go-crypto/openpgp"
	"golang.org/x/crypto/ssh"
)

// makeFiles writes what configurations read with file(), into the current folder.
func makeFiles() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tf.example.com"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	shell, err := ssh.NewPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	person, err := openpgp.NewEntity("tf", "", "tf@example.com", nil)
	if err != nil {
		return err
	}
	var letters bytes.Buffer
	// The private form first: making it signs the public one.
	if err := errors.Join(person.SerializePrivate(io.Discard, nil), person.Serialize(&letters)); err != nil {
		return err
	}
	files := map[string][]byte{
		"certificate.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		"key.pem":         pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
		"key.ssh":         bytes.TrimSpace(ssh.MarshalAuthorizedKey(shell)),
		"key.pgp":         []byte(base64.StdEncoding.EncodeToString(letters.Bytes())),
		"metadata.xml": []byte(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/tf">` +
			`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
			`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(der) +
			`</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService ` +
			`Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>`),
	}
	for name, text := range files {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
