#pragma once

#include <string_view>

// Certificates and keys as OpenSSL's command line writes them (`openssl ca`), valid from 2020 to
// 2120 unless said; keys on P-256 unless said. The keys are nobody's.
namespace signet::crypto {

// Issues the intermediate.
inline constexpr std::string_view kRoot =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBYTCCAQigAwIBAgICEAAwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMcm9vdC5l\n"
    "eGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAXMRUwEwYD\n"
    "VQQDDAxyb290LmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT1uBX3\n"
    "hZ228eamORC1N4AhUa5ndm4X8fqfoHz2yEcVe74xGvxjemPoL3IVD9GusoYeczcx\n"
    "xNt9B5+uu9WLSZmPo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIB\n"
    "BjAdBgNVHQ4EFgQUkpXYpSurHm5lYP4wCEUCcUWqzScwCgYIKoZIzj0EAwIDRwAw\n"
    "RAIgUhnbd8/Q6T6RXrdA7Dy5MQ+8yjsLIUxpaZJUJG5Y2TICIEZeRXFC+Xovnvxv\n"
    "388cgkhqlLDTIFO3aWTM7GzN3wtD\n"
    "-----END CERTIFICATE-----\n";

// Issued by the root, issues the leaf.
inline constexpr std::string_view kIntermediate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBijCCATGgAwIBAgICEAEwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMcm9vdC5l\n"
    "eGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAfMR0wGwYD\n"
    "VQQDDBRpbnRlcm1lZGlhdGUuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
    "A0IABJm0MYHn51T0OoQZVGuuC2G7QapQHbMoCe3oWrlqjUEzblL7Gne0MS4kPj7K\n"
    "3MA5hxChBJqCHPVZU4lX2dLAwyGjYzBhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0P\n"
    "AQH/BAQDAgEGMB0GA1UdDgQWBBSf2szCcKdADa/WhmNAEvp5lmlqMDAfBgNVHSME\n"
    "GDAWgBSSldilK6sebmVg/jAIRQJxRarNJzAKBggqhkjOPQQDAgNHADBEAiAZPVzr\n"
    "yWm8gyqHaRZaw5KwqZYlqpzZ0kXyZ+7OF1RTtgIgRd2kKefDFgjEYjEZl7Xg56RF\n"
    "76KvAApxxAB7Hq0U4+0=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr std::string_view kLeaf =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdjCCARugAwIBAgICEAIwCgYIKoZIzj0EAwIwHzEdMBsGA1UEAwwUaW50ZXJt\n"
    "ZWRpYXRlLmV4YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBa\n"
    "MBcxFTATBgNVBAMMDGxlYWYuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
    "A0IABFor3JAv8BNSajo5imZUlXkI+fY7Wrrq14gC9oLbrv7rODsDfNYQy5aivTGl\n"
    "oGE8oJ6tPnhTr4pR/h/+KvOgTX+jTTBLMAkGA1UdEwQCMAAwHQYDVR0OBBYEFCdI\n"
    "jAFGxBKJX54P6g1r9Ipy1GFeMB8GA1UdIwQYMBaAFJ/azMJwp0ANr9aGY0AS+nmW\n"
    "aWowMAoGCCqGSM49BAMCA0kAMEYCIQCJDL8CeVhVUHSyDPCRHJzJA4751iM28Za6\n"
    "B888WwUWeQIhAP4xvBKiyHJlymacTL583XsjGBtWUTbTzsOfHWdxcyxL\n"
    "-----END CERTIFICATE-----\n";

inline constexpr std::string_view kLeafKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgy1sV8XMzLicmz7D7\n"
    "pNRBz4CH8lfpzWIbdZR9qz9D8E+hRANCAARaK9yQL/ATUmo6OYpmVJV5CPn2O1q6\n"
    "6teIAvaC267+6zg7A3zWEMuWor0xpaBhPKCerT54U6+KUf4f/irzoE1/\n"
    "-----END PRIVATE KEY-----\n";

// The same in SEC 1.
inline constexpr std::string_view kLeafSec1Key =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIMtbFfFzMy4nJs+w+6TUQc+Ah/JX6c1iG3WUfas/Q/BPoAoGCCqGSM49\n"
    "AwEHoUQDQgAEWivckC/wE1JqOjmKZlSVeQj59jtauurXiAL2gtuu/us4OwN81hDL\n"
    "lqK9MaWgYTygnq0+eFOvilH+H/4q86BNfw==\n"
    "-----END EC PRIVATE KEY-----\n";

// The same, encrypted.
inline constexpr std::string_view kLeafEncryptedKey =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhSDDu24mc7ewICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBt/erlTl7rRZ2micUP3+88EgZCJ\n"
    "m/5o4IsUEfgycMX5+D4oMGFtPOvpOlSqsqZ3kKjPdRIcTaEIrRFyhacpTbPejQtX\n"
    "2suS5G18W56jwiqg1Amks87sYFEAgswB4cujR9KrXtGkADwlEi83uZPnbPNtMXtX\n"
    "3lOA5xBpJaVfe86cSBkdGfDsKOwdnXBkMMjz0dUt3TbmEXofvX317Ur79d67jpE=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

inline constexpr std::string_view kLeafEncryptedSec1Key =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,7AD2F47C1ABA30CA62061A5CBEC21AAB\n"
    "\n"
    "AO1f+89erI2S4SFdD78OY0wAIEp8jkxkNiQMt+TX9XdgiDed/7p/Mp1k62CecCj0\n"
    "TcY//6jduecBzqjxeypNM9srZ/nFGdL9rZKnnAN0ba3DXZOArnK5Rj+LhMjKFPyh\n"
    "E4YWK+g5SLvKSaQWsgf/CXmYzpEFFi1YiumqgBvSIZg=\n"
    "-----END EC PRIVATE KEY-----\n";

// The leaf, valid until 2021.
inline constexpr std::string_view kExpiredLeaf =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBczCCARmgAwIBAgICEAYwCgYIKoZIzj0EAwIwHzEdMBsGA1UEAwwUaW50ZXJt\n"
    "ZWRpYXRlLmV4YW1wbGUwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAX\n"
    "MRUwEwYDVQQDDAxsZWFmLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AARaK9yQL/ATUmo6OYpmVJV5CPn2O1q66teIAvaC267+6zg7A3zWEMuWor0xpaBh\n"
    "PKCerT54U6+KUf4f/irzoE1/o00wSzAJBgNVHRMEAjAAMB0GA1UdDgQWBBQnSIwB\n"
    "RsQSiV+eD+oNa/SKctRhXjAfBgNVHSMEGDAWgBSf2szCcKdADa/WhmNAEvp5lmlq\n"
    "MDAKBggqhkjOPQQDAgNIADBFAiEAsh0tn+1otPL7CDRel6VFnKn1f7LgYV/BHgrc\n"
    "anjATeECIF1LHWX2gkiFMSvmE48mTgwterBQboj0GfzK+AF55Aan\n"
    "-----END CERTIFICATE-----\n";

inline constexpr std::string_view kExpiredIntermediate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBiTCCAS+gAwIBAgICEAcwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMcm9vdC5l\n"
    "eGFtcGxlMB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAwMFowHzEdMBsGA1UE\n"
    "AwwUaW50ZXJtZWRpYXRlLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AASZtDGB5+dU9DqEGVRrrgthu0GqUB2zKAnt6Fq5ao1BM25S+xp3tDEuJD4+ytzA\n"
    "OYcQoQSaghz1WVOJV9nSwMMho2MwYTAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB\n"
    "/wQEAwIBBjAdBgNVHQ4EFgQUn9rMwnCnQA2v1oZjQBL6eZZpajAwHwYDVR0jBBgw\n"
    "FoAUkpXYpSurHm5lYP4wCEUCcUWqzScwCgYIKoZIzj0EAwIDSAAwRQIgALGevVCg\n"
    "ej3dpTmYgRVXYXqafO+H6uynnT7m+6gkgY8CIQDaGkhawTyCQCzFaqEoyZCBQpUZ\n"
    "bCLSnpMC8yTMw2CK4A==\n"
    "-----END CERTIFICATE-----\n";

// The leaf by itself, valid from 2110.
inline constexpr std::string_view kFutureLeaf =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBTjCB9KADAgECAgIQCDAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxsZWFmLmV4\n"
    "YW1wbGUwIhgPMjExMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFzEVMBMG\n"
    "A1UEAwwMbGVhZi5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWivc\n"
    "kC/wE1JqOjmKZlSVeQj59jtauurXiAL2gtuu/us4OwN81hDLlqK9MaWgYTygnq0+\n"
    "eFOvilH+H/4q86BNf6MsMCowCQYDVR0TBAIwADAdBgNVHQ4EFgQUJ0iMAUbEEolf\n"
    "ng/qDWv0inLUYV4wCgYIKoZIzj0EAwIDSQAwRgIhAKG8dyiw3n/ZC30LujhvmPT9\n"
    "Fbw3PKU2noksQ6nvUzxNAiEA2YafbgQDt3eLSLYq5lXESaR967wlOzbL2lp1Zw93\n"
    "Yig=\n"
    "-----END CERTIFICATE-----\n";

// Issued by the leaf, which may not.
inline constexpr std::string_view kBelowLeaf =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbjCCARSgAwIBAgICEAUwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMbGVhZi5l\n"
    "eGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYD\n"
    "VQQDDA1iZWxvdy5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkTCD\n"
    "qvUaRSaiAgJfYUEwO6RgrKpXY6aldo/2wOkoicI2xoW7I9mMkTTUWft0Ft/hb1Wr\n"
    "3stvrGEbv+5G2Pft3qNNMEswCQYDVR0TBAIwADAdBgNVHQ4EFgQUTDzDBEeEnQrf\n"
    "5GdBwcEvmFRWxGswHwYDVR0jBBgwFoAUJ0iMAUbEEolfng/qDWv0inLUYV4wCgYI\n"
    "KoZIzj0EAwIDSAAwRQIgKwy4w49+/vejsA6VeHvkX9IqPrz8QZyOye6lnxLhu0AC\n"
    "IQCs3KbTwVe0P+uUU2fuhYayDkd/fXwY/GkbEbSuflu0Bg==\n"
    "-----END CERTIFICATE-----\n";

// Has the name of the root and another key.
inline constexpr std::string_view kImpostor =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBYjCCAQigAwIBAgICEAQwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMcm9vdC5l\n"
    "eGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAXMRUwEwYD\n"
    "VQQDDAxyb290LmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR4Rsr6\n"
    "QlIET+a/QG4wdC3C8ZHub7HddJ/vu1IAN7W6Qb1bVqF24Yj9odPKDKYM6AqWMLg1\n"
    "NQDBok1LPXu4w2B8o0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIB\n"
    "BjAdBgNVHQ4EFgQUvycmpBRRpxNLJ2c17q08H9+TqnEwCgYIKoZIzj0EAwIDSAAw\n"
    "RQIhANM0JP3oa7Yt1yboMC2gxuT9qdDTpekpprCbmVcYxpJkAiA3hZIK4CxxYW44\n"
    "fH1TjvM2MTx9UqY4+va68V50xHovRQ==\n"
    "-----END CERTIFICATE-----\n";

// Has nothing to do with them.
inline constexpr std::string_view kOther =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBZDCCAQqgAwIBAgICEAMwCgYIKoZIzj0EAwIwGDEWMBQGA1UEAwwNb3RoZXIu\n"
    "ZXhhbXBsZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGDEWMBQG\n"
    "A1UEAwwNb3RoZXIuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEhE\n"
    "SkomC9OnuyvrFT8XKUf+ETSZ3SvdLnPpyU378ZG5hPdaKvtHfTnaSxFoMmFwBkCb\n"
    "5Iq4vfkDKEFJ2sIz7C2jQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD\n"
    "AgEGMB0GA1UdDgQWBBTDXbCre0RAoFaibJV9XMlu0w0usjAKBggqhkjOPQQDAgNI\n"
    "ADBFAiEAkw233lmY7yTEGX1AbQxR3tyUwi3vBEFrxxqd2P8vsqwCIGofK3qtijG0\n"
    "Vd2mvV5VkYp7odJNNNp4FtKhEFB4cCnA\n"
    "-----END CERTIFICATE-----\n";

inline constexpr std::string_view kOtherKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTt9CbyuV+PfC+TY9\n"
    "1zltbc3APeecXw9+k38JGEcu0ByhRANCAARIREpKJgvTp7sr6xU/FylH/hE0md0r\n"
    "3S5z6clN+/GRuYT3Wir7R3052ksRaDJhcAZAm+SKuL35AyhBSdrCM+wt\n"
    "-----END PRIVATE KEY-----\n";

// Of an RSA key with 1,024 bits.
inline constexpr std::string_view kRsa =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB0TCCATqgAwIBAgICEAkwDQYJKoZIhvcNAQELBQAwFjEUMBIGA1UEAwwLcnNh\n"
    "LmV4YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBYxFDAS\n"
    "BgNVBAMMC3JzYS5leGFtcGxlMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDH\n"
    "gyLEPJS15PeTPzpPiXk1OzBRbuVEcXNkg4TS2rmEq2oT0Scr68BsI+8vKIBUAy68\n"
    "wxuZARS3C492emY35o3BFZwwMv9T0yJFwGG1FOWOn001hCny9IoQBhrrA9mA3NMv\n"
    "IWflWj0a7DWf+E6XV3Scewz8RIvs4Iztskd/IGrH5QIDAQABoywwKjAJBgNVHRME\n"
    "AjAAMB0GA1UdDgQWBBSY7eASGGCf/P3NUvPxAyYODK2tTjANBgkqhkiG9w0BAQsF\n"
    "AAOBgQBo9HpaLMBHOpmsnl1PohFumnbAcC5HTM3RhGp8lPr+Ps+xIVDzIFsdGO2x\n"
    "Rf06dS60VC/xMS1vWl1zCNGkB25+BvCPIqEQ+sU9X5SfENkbeis8/Q9476F5I/tH\n"
    "kMnwyzYDSjkqdldodej82FBHRbAs2UjR6xXF54UiGFtPIeMxDQ==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr std::string_view kRsaKey =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXAIBAAKBgQDHgyLEPJS15PeTPzpPiXk1OzBRbuVEcXNkg4TS2rmEq2oT0Scr\n"
    "68BsI+8vKIBUAy68wxuZARS3C492emY35o3BFZwwMv9T0yJFwGG1FOWOn001hCny\n"
    "9IoQBhrrA9mA3NMvIWflWj0a7DWf+E6XV3Scewz8RIvs4Iztskd/IGrH5QIDAQAB\n"
    "AoGBALYPOH6SObHyiulXXUKPVIf6xxDIfXaDgKVMTryK05f5RAdpaLFvpFwKPo1u\n"
    "DAyeCtw9vsVUcy7F4dhfwT9pqBfZZMn7Wu2BR1Od0rnqomrrLGTUeq6JRzB0eKb1\n"
    "dDUzKlFw4lnNExMMq54Wh+xskyVE6cIPs5fqY9hiebdFyQRRAkEA6+cEGeIz35Wn\n"
    "uHTVtng5KEywKeTacFydnhYpVVuBYeA4T1DXLKmm/+iPPyLqiwUZEGmZMF8UJnpx\n"
    "3gbh2pSsfwJBANiCdTGhIummG+lRMek9E2HF4EC1PGNqI5wMpwwE9s1CbXMPfimM\n"
    "ZdUN42P+gpJ11z+hY1i1ue6SNNiTTxw6KZsCQA8EadJr//lfwYmQhnpTNPBH0X8Z\n"
    "Pn6gprgFmSQB6z6b03nZH5mMQ0FPQK84Pc4TyQCueD4ID3RTnyQPNBmCFWkCQE7V\n"
    "mcSbbrHy2ODovqq1oXQNb+0/0KBGSncMqFqZCCCPGnk13/NS+tVL/EsxpeucWucB\n"
    "ZcIsUWpL9FATu0+E4hcCQHArqvIdsIKCG2Z3klnRyZ3dOugJMYTd8TjNQK5ExWi6\n"
    "hWsMYE33Lh/4qs43DrO7u6m85c6SrNRWONV2dcjtA10=\n"
    "-----END RSA PRIVATE KEY-----\n";

inline constexpr std::string_view kEd25519 =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBBzCBuqADAgECAgIQCjAFBgMrZXAwFTETMBEGA1UEAwwKZWQuZXhhbXBsZTAg\n"
    "Fw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFTETMBEGA1UEAwwKZWQu\n"
    "ZXhhbXBsZTAqMAUGAytlcAMhAEe2hD0MEiWEmZnqnco68weZmUGo6B6yjPwTkuRS\n"
    "/+JMoywwKjAJBgNVHRMEAjAAMB0GA1UdDgQWBBRbFaJaJpuFxcrdgKwCp2pRNvXi\n"
    "ITAFBgMrZXADQQCsX88NFzeC8Cttva+Mu5UpHmgWC2wjXLdWZHI3bdyewZFwcmQF\n"
    "ikb2LaJYTMr+ZkE3iL2zEJHRn3tegQre5eYK\n"
    "-----END CERTIFICATE-----\n";

inline constexpr std::string_view kEd25519PemKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIH8JuTIWtBoCvTNnPWRu+oFDk2MxATCiUNVinWYSjKfI\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace signet::crypto
