#pragma once

#include <string_view>

// Keys of tests, made with `openssl req -x509 -nodes`: private keys as PEM, certificates as the
// base64 of their DER.
namespace signet::saml {

// Of an identity provider: RSA, 2,048 bits.
inline constexpr std::string_view kIdpKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQChCSn5G0EAWCvt\n"
    "/SqN89BI4/wivsS4K462+HAA51fcsUTCU1q832rpRsgqJMCXvTnmDZ60v+XK+rYB\n"
    "8N7tBxCqrRcsB++K/kLZeJOzAFtgPxeEs4/lBQFH9x8jZWFd7PH5fAJHlr0O8PIu\n"
    "ZPpFyPIZatx3dRbIp0FM0MmHP2hIZgqP8sgi+zmBVoHBeVuxCes8B7ygPFT/KwN/\n"
    "7n8HbTaOS30gPPgOFAPejZGGr4pP23XSSITtTfq8J8Yr06S3tWON6NNfDqN2wtFJ\n"
    "bd4RhGJwAGoBk958DGf35/M/942LoKSICQTfTkbsWIyyapi3HCiNPm6bDR6TwJhi\n"
    "5TLftVz9AgMBAAECggEAJvzDvXSAen+eVR5ZvufkSb1upg/XKzqacQh5f3KDFmKR\n"
    "odWR7o/Nv8AcBn4C5cnRmnW6MosSLKAh0Br7sdmnypag+U9LirRvxVx4r9n6hXUI\n"
    "8d8SS7F4Q67cClMJbXbIB62jFKd1SsiBbcOTRzF1EbvKOB6wPzClMd6LqBOtIPe2\n"
    "zjQsB+G6PXPkjsJu43OrOGhkBhHne6egD26/hLsDHsld9grSHajRh3/zA+w/FwiW\n"
    "UzDlqr1m1SAUspmbitFca2TCKZ25cDs7d4EkFbQdPnK7I7rSdHheimTjBMpB5GQ9\n"
    "8WjCMiJEvJhimeo7DLVKqpS0E4cBLEv4R7mdjbe+gQKBgQDdoJSe6JxzW1DVzPcP\n"
    "tKzBgbR6rTIapRrRuVZxaAV6VD90vsX4KgfHtxDY2r8kltSE+rKR6diPYVzpewij\n"
    "7TucZ8FqtRfD1p9Xr2nYVHeJjjIlUDEyLGhzFfocejd0O/9bRUIHfsHBiW803L3o\n"
    "3g5xeaa83yCm6do5ekpUP0q0gQKBgQC6AuDwPIxX9Liwv6QNM2Su0KIbfV1229is\n"
    "L7Ax7vSJzEj8AMqNie4qYInmHLO0JLR9Bm+1hfG7xqbvBj5l2ICGvZWPseqYKslZ\n"
    "aOSUQYCIDlEbzAUWNE245AUGg+bNYmRiuPRLGie9Yw4DazkDGimPoUt088Jo88wJ\n"
    "x9FMaFY6fQKBgQCxfTmo7bblt3rMToKJ5HL54astF+lpZ1JMJTaySdEhP7k2ANZA\n"
    "wUBL1DM8yCqN3fFCshcyPem+IgYrwemQhpvXzUwb7f2jTA1+Rq/onPTCh8tnEIrl\n"
    "mKTpje8owUQJ5UbCzHttzzjSiwMxfZrllHhSrk83MSZQJjYrE+HVCH8GgQKBgAZn\n"
    "7Pk5DJhG3ElyACNYPsJqevq5YYujXJ3pcob1tMQ+HdFX8aHYOzSIaJddK68riG+5\n"
    "1gUJXN7bo4ody+5T+3EofEsblHmzF4YVv7F/Y/7Lh22OpCo0mOyiJa4owr0WA2EG\n"
    "/5rKhs3V6Hijq634q6+/nUqkznAw3TkFAadA/J89AoGBAKeemhjUObgFpptDM/OY\n"
    "3CpxiagPmeHPaGEOAAw/NDZSjuOsK3QGFoJaQJ+W0pWS4LkjHysph7HC7YFFZ0wW\n"
    "6sBN+z5pzgaKZSou/yVIiYShk4s2DkN1vEHzECMk2UYoLDTQiI+Fl6JevFisQ6Qx\n"
    "lgFXxzj0UKNy7c99RM4XsQEU\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr std::string_view kIdpCertificate =
    "MIIDFzCCAf+gAwIBAgIUaAsmHAIg9Ym2ysNhxIpaQZfoNJowDQYJKoZIhvcNAQELBQAwGjEYMBYG"
    "A1UEAwwPaWRwLmV4YW1wbGUuY29tMCAXDTI2MTEzMDA2MTAyMVoYDzIxMjYxMTA2MDYxMDIxWjAa"
    "MRgwFgYDVQQDDA9pZHAuZXhhbXBsZS5jb20wggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIB"
    "AQChCSn5G0EAWCvt/SqN89BI4/wivsS4K462+HAA51fcsUTCU1q832rpRsgqJMCXvTnmDZ60v+XK"
    "+rYB8N7tBxCqrRcsB++K/kLZeJOzAFtgPxeEs4/lBQFH9x8jZWFd7PH5fAJHlr0O8PIuZPpFyPIZ"
    "atx3dRbIp0FM0MmHP2hIZgqP8sgi+zmBVoHBeVuxCes8B7ygPFT/KwN/7n8HbTaOS30gPPgOFAPe"
    "jZGGr4pP23XSSITtTfq8J8Yr06S3tWON6NNfDqN2wtFJbd4RhGJwAGoBk958DGf35/M/942LoKSI"
    "CQTfTkbsWIyyapi3HCiNPm6bDR6TwJhi5TLftVz9AgMBAAGjUzBRMB0GA1UdDgQWBBTdkr9Cwdih"
    "PHxTpP6S2X00+zAUyTAfBgNVHSMEGDAWgBTdkr9CwdihPHxTpP6S2X00+zAUyTAPBgNVHRMBAf8E"
    "BTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQAPr2h7QTEwNbopGaXXYZ0DPP2yqXYRuNhdstHdcffl"
    "aq/8YGlrFvpN/rg8xEyyH5Vh538HBzmvLsCdFigfbI4zXUQzNHWHovI5ZNhTQOMVKIzJgIZrdANn"
    "tJ6DasmJL2VUs2OGnvaq6bm/JSPXlGZDzfaKxZ4uGELUf4KtSVFqZRyi5AqS4We+wyzJ6I24vNme"
    "fax2jJUshzc2dTUbpFyIXzWu19fC7oQ75DegcpqtjnE4reJZbsmkx4F9L1X95jXkAKYuqyPIIGqd"
    "OjK3DHHPL1AhFIRSrlyphAWXPqXMgEYNK4g/aSLIjkv0gL1EJAlHN+24PhHa4RqOVq+WGKMq";

// Of somebody else.
inline constexpr std::string_view kOtherKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCnVoy25U/mnos3\n"
    "p8qst+v2XTAijFB5LaPCOmVBs6ux3ndomADfmAb1HLA5UgOilCF4OT7EWsUzJ03e\n"
    "ss35KgcaWrR03aPU0Bq8xTob3TuxebTQc86mYJkzIhT1t8mKCHzamVIIv5+AOozJ\n"
    "7eZEFbEIYbmM7J69dz3sNUxk2m7wHE4ZCaSgQUCAJDumo1Q1AOVump/A+FOt3H80\n"
    "QXelOFaJvPvCCoM6uq/qFPQIEP8nF4NHblPJMOXaZGEyiJoT/Bf7h0XPnQYfyAv9\n"
    "1QWRH2WA6n8A/NC4zKw77AE8ZiOmvlldaQcQOE4UVTmUFQbxCP7BH1Sx7b03KWY2\n"
    "VxhB6j2nAgMBAAECggEAGqFJ7HNKx2M0uYsw1FLCsOa8mcrlpZsvQ+IiKhYLPVev\n"
    "fgwum2aouMozezPDk1RqjSTjCcF+P3lCSa3/3GalUbrcm/qHr37cumzSpguLi99X\n"
    "+JJtcQnPZ5VFa6MvZhGauPkMVosUOYZX0GzVJ8Gh9jkDG9uuGW3IA3ap7STb4ccF\n"
    "MZLkkLf8RnC+uUqPEfJIH/YpjKiNLMvzPbUdoX3m730GNsY2CY/Na6/mNZ+Huj6k\n"
    "XTnX8eBZIR4I+SbX+/fzoYADNy7mdf3vBzJ3fQizLpELaGnlgVAdsONIL2DTGGXa\n"
    "Qr0PrsB3QIjEtKN++hk3HeTq2xlCs8E6+woAqIixVQKBgQDj9qodKOGWGmAGiFRa\n"
    "X499AyL+j2N5qX22unXWEhbOjpaFLBMnGIHoybMSHLQtoZs56rNQMWaU/RfBNvka\n"
    "TECD+N0kZddrvRN6Ax3H0+7FWOXmTt3Nt+X+ABiK3K9ZKiaM9tIZGgFjyrXTLOkP\n"
    "HodjaSX/Tik3vAr1xFRT304f0wKBgQC76x5YMD0kZEsO0FgfY34xyYgpNMUZtGvw\n"
    "T0X+6EeHoLmDDDegFPiULplI6bAFHCBDCFyVEfvyf8ajwhQwr6SD1gACxndStu/M\n"
    "dNflDh/9lU1pfsz+e2GnnldSB6sL5UtPWaI/P+jVxG/WMu707G8koz4hEe3iypAa\n"
    "2QFWsHXaXQKBgQCZQhAEIqPm4jyEp8ruJyi0hxNTyNq7xHM8Egd+sBKdM8eGKKeH\n"
    "tTZBZrj5CEsqEmflfCCpXUz2BWGfCHJYd8M39mvWOJGnYSpi8Q1odtcj3ixRtdvw\n"
    "nh4FsdLOKKfKbkgUpSuCrLUafgHXw228OG4VK2/cQJP9YHKN4DxBVvOS+QKBgFtq\n"
    "GBvcc5HlfCHbtlKmqrf7itJIym0juLJxTeKgClPvGu+mHNUx/m7PcF/o1mjV8tfJ\n"
    "FIir8/1WrUHyYrIAb652hxDSjS9esK6sVG4n/eX1IHBmb8CIMsxAmcfc1Rd3Vrhm\n"
    "KShNpa1/3su7gUUCU1rmUo3x0+BUm9+Dm0QZmWs9AoGATWN2I3MzkZ50NebWz0aR\n"
    "fel9LTMzSGCQEjM7l29QH8MoRik8QLJHUujnokE+dQWnKu1Cky6z49ySUjUaleI0\n"
    "aKaZnzVUfYt3Epjaodm+UFNcb4luCpJqqqrTmupn4NlfdSg92KydZi/Kh6mdAyvl\n"
    "MEmhsn/e6o2Rb3EzVuENTjc=\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr std::string_view kOtherCertificate =
    "MIIDGzCCAgOgAwIBAgIUCK/NHxbTsxwqKUZoEKqd1o4jp4owDQYJKoZIhvcNAQELBQAwHDEaMBgG"
    "A1UEAwwRb3RoZXIuZXhhbXBsZS5jb20wIBcNMjYxMTMwMDYxMDIyWhgPMjEyNjExMDYwNjEwMjJa"
    "MBwxGjAYBgNVBAMMEW90aGVyLmV4YW1wbGUuY29tMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIB"
    "CgKCAQEAp1aMtuVP5p6LN6fKrLfr9l0wIoxQeS2jwjplQbOrsd53aJgA35gG9RywOVIDopQheDk+"
    "xFrFMydN3rLN+SoHGlq0dN2j1NAavMU6G907sXm00HPOpmCZMyIU9bfJigh82plSCL+fgDqMye3m"
    "RBWxCGG5jOyevXc97DVMZNpu8BxOGQmkoEFAgCQ7pqNUNQDlbpqfwPhTrdx/NEF3pThWibz7wgqD"
    "Orqv6hT0CBD/JxeDR25TyTDl2mRhMoiaE/wX+4dFz50GH8gL/dUFkR9lgOp/APzQuMysO+wBPGYj"
    "pr5ZXWkHEDhOFFU5lBUG8Qj+wR9Use29NylmNlcYQeo9pwIDAQABo1MwUTAdBgNVHQ4EFgQUxClG"
    "9dBWkZBtaw6K/rbf/RqwMuUwHwYDVR0jBBgwFoAUxClG9dBWkZBtaw6K/rbf/RqwMuUwDwYDVR0T"
    "AQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAKv+cwn9pOw5YPNeLtU5jZqV6u/R2JgxkmKBT"
    "9dLBLlfhayYwq5nBFlGErDvsl2Kd3afTsLh0/OwJOrlWTdXb2DFz9GyvEd/kzmsFrV8J/QJ8QoWe"
    "f9ATBy25zkiaPx66HB/Vvq4wT0rirJjgMXqjCJ+O+qg5Jc3nvRriA/y0g6zIieGti8o+0WtBwnmh"
    "I19a7jGj8JcNMIWBybjWv25ocaq9zkH3vfyPHXt1Wko6ev8eYoXhiW1rdB9PIRx8xKtdURLZ2YgD"
    "cGH81Rkwp+A1WIzCLCBPRgan0KzPCDLA3Cvp/fMvbxa8Ab+QGm7oh4iPl0WxY42MYSfFXXPHOXO1"
    "cw==";

// P-256.
inline constexpr std::string_view kEllipticKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFux0S6zHoIdCjYr3\n"
    "tqp4V/8UD77AEzlnlHYG651vLlyhRANCAASk9HXZ9Sl4hrfUjMefmyu7OFGW03/I\n"
    "B9/6iriqRjTAtGWegpsJ4r31a0OzBvQmRaKh9KwBHmlNsgZ5h4njjp1O\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr std::string_view kEllipticCertificate =
    "MIIBiTCCAS+gAwIBAgIUUWZNz3ufNMHqK/goVZzFIp4XrcEwCgYIKoZIzj0EAwIwGTEXMBUGA1UE"
    "AwwOZWMuZXhhbXBsZS5jb20wIBcNMjYxMTMwMDYxMDIzWhgPMjEyNjExMDYwNjEwMjNaMBkxFzAV"
    "BgNVBAMMDmVjLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpPR12fUpeIa3"
    "1IzHn5sruzhRltN/yAff+oq4qkY0wLRlnoKbCeK99WtDswb0JkWiofSsAR5pTbIGeYeJ446dTqNT"
    "MFEwHQYDVR0OBBYEFAjw35kYizOchVVR5bATypADirVOMB8GA1UdIwQYMBaAFAjw35kYizOchVVR"
    "5bATypADirVOMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgUQM+8ZPqQj+BfEqp"
    "Ke4xvHn9pfxjuS/6Au5zI9uVlMICIQCooBq9Jz3FJ4cYaF4q4tQycisuupqiGt0tY3NKEV1R8Q==";

// What assertions are encrypted for.
inline constexpr std::string_view kServiceKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCVKjUNHEKw6qPN\n"
    "XMqX8EnfXUcNbZ4HX5ZKZ4hHX4uzxoTqE7Caxclf7h7G4FFakQiFJjtpmcPePvFz\n"
    "qj702h7EkS+jr1ykFuaOM410JGv1kqOr2R3r/0cPH6vB71GlYx7SLWm6EhzBrw0I\n"
    "b+U6TW+Xs6fxvxR61HDXN9TwVwxZO7+VJuRae0Suk/L7PGqfYHQGEVlUwLWA5qlz\n"
    "h+sS+VDmtXC1lJ9rUa6z11ZUjeGmJZxt7n+UFw0hoiRRmF6oTKh5P8tsUJGaUKxA\n"
    "jA28YaH8WvkuvNTLliw23chPdUAxWArCrDcsPepcaW9NnhqK98eP8oLjzV23M5Pv\n"
    "2MGJ2MqrAgMBAAECggEARB2/lyqSG+cygPvAOk0M9vbKFQw7L4PLhlOsDGfJzIE5\n"
    "vgjay3rJoEiFfmz+SZzUZrVUST9iDfHxYc/bKwYWKc5hEl7or7gTddl93Y0qTby2\n"
    "iCnAO75ZzUK5tPib8KoIb5M0ZjeSMTJGgdVTOOIWtRBh/4eyCvtLQkSpNU2TAoYO\n"
    "99jkZovpxgmrWMcYtU5sDI+6Twef6goSrt6mvvUxJG96d4nE8usvAjFONr2v3LvY\n"
    "K3fJwK1tP0h6aKW/qTqIrnCz5+X7STGfUFezbU9Y2lMMNxeu0JJM2jxqahxRJXz5\n"
    "OP8e47ZBnguiJ7rBY7dWiDB2trelhhw3Hlo/8xuwDQKBgQDQgy7CW7W4df9HlX/a\n"
    "dhFbcawcvm9gHRwZXT/p57JM6litJqifmHPRvLpkaLJlymZp+UZN5vdOgBbt7GCT\n"
    "0UWoi49NvORYQnfGNGxVh1pQcRWmqtGAUZ1tLoVAQI7k5xe5rHTw+OOjCWuwfyES\n"
    "NUzjPRl91s87PicCtsmH632rvQKBgQC3IuhK/aTmDSPEJQR33VKXcKMpBIcwpzoU\n"
    "WpUHMt2G1vADbTeR3Vgb62d7K4EY15it4g8O8FGGfCpG36Q6lMQvZi6gF8Ymkvx1\n"
    "IoFdkZ1jfA3XOJBJRdaags6UaguIzaTeBdhKoPQxOgLn7UeBPdEpDyFGt+LFybp6\n"
    "D/Vm+AbChwKBgHsKvkAAwEYek0qZpL20aF+uv2Ki2bQ82UT6aunLSMLskvFyW5T5\n"
    "8HZ2yQLRaVx5yF+Gsn7r6UnQejdiAkeX+WQRHro/2ftfFbDHZJo/6gKICL+2EzSG\n"
    "dMBl8EnPDsNyvuRZKRS9ug6OU5buHgTRoRKDDpTceqM59Ok8FcZ4J0t9AoGAWNkL\n"
    "n44s2RtY1ckrwMdUUXpo/fZfbCBFUiicEpD/3nIaoV70TcT4ARuU6bGygQ3f2cRJ\n"
    "j/LRapCEpjvL3kvcXi6RwkOmc4JuDpn97xo9JE3EHT0o6xOByRZbCK/mBqnWKYzm\n"
    "YVZzAgrl7AU24qHN/sCDYV7HGzQCT0O8yAbeqLMCgYByNODFjMq3kWuNaoiJeoPw\n"
    "tWEFx04n/JIqyMY2T0ACekTbmI/Xt8JSVRcD14cy4AzI566fNuXoEnGU5ODw6UUn\n"
    "DylzFRMdKwxrxQizv4c3LybgvfnUx/Q5p063WMlxtHsreGnfBOlSn+GlnGSuzNFl\n"
    "3TS6GvqikYuZ1YyNqnsoyg==\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr std::string_view kServiceCertificate =
    "MIIDFTCCAf2gAwIBAgIUEWj90GJ3pKBJHUYPi49qhTKDBc0wDQYJKoZIhvcNAQELBQAwGTEXMBUG"
    "A1UEAwwOc3AuZXhhbXBsZS5jb20wIBcNMjYxMTMwMDYxMDIyWhgPMjEyNjExMDYwNjEwMjJaMBkx"
    "FzAVBgNVBAMMDnNwLmV4YW1wbGUuY29tMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"
    "lSo1DRxCsOqjzVzKl/BJ311HDW2eB1+WSmeIR1+Ls8aE6hOwmsXJX+4exuBRWpEIhSY7aZnD3j7x"
    "c6o+9NoexJEvo69cpBbmjjONdCRr9ZKjq9kd6/9HDx+rwe9RpWMe0i1puhIcwa8NCG/lOk1vl7On"
    "8b8UetRw1zfU8FcMWTu/lSbkWntErpPy+zxqn2B0BhFZVMC1gOapc4frEvlQ5rVwtZSfa1Gus9dW"
    "VI3hpiWcbe5/lBcNIaIkUZheqEyoeT/LbFCRmlCsQIwNvGGh/Fr5LrzUy5YsNt3IT3VAMVgKwqw3"
    "LD3qXGlvTZ4aivfHj/KC481dtzOT79jBidjKqwIDAQABo1MwUTAdBgNVHQ4EFgQUVJXAIpj3lEBz"
    "9VJr7DMoacgkW1MwHwYDVR0jBBgwFoAUVJXAIpj3lEBz9VJr7DMoacgkW1MwDwYDVR0TAQH/BAUw"
    "AwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAjjBjd6qR/Q27T/7XyiYqBE+YWksMHrUqpr9EBPD46epz"
    "zPYizFPkRUHkFKYcIJ0u2x3XZ4PBu8WQ6Nij97eOjs10164ZkPc3GT7bynWJmMSNcDYp/r9+AGnI"
    "h1wy5FRbwEhcOkWJjgQHwS3iUNFUF5ArVYkK3DHE/t+adH6BTLBEm1aCzR4ck2foBLAP3nHFjVs4"
    "UssVQZra5FvA5+v0lV49XyEinQ9/4g18B9JWDofviJhO0kxLx2dF2Q9LQtM0zNU9WAA1l7BYRHEc"
    "hl3e2vUGj2WiqVGCioqLym8/icva6ysPUvfC2y+NlCFXTUuxqhzT16hTMOY2UtlcGBaHQw==";

// RSA, 1,016 bits.
inline constexpr std::string_view kShortCertificate =
    "MIIB9DCCAV6gAwIBAgIUJeHuFo7qQJFUQvAOBlZy686C4uUwDQYJKoZIhvcNAQELBQAwDDEKMAgG"
    "A1UEAwwBczAgFw0yNjExMzAwNjEwMjNaGA8yMTI2MTEwNjA2MTAyM1owDDEKMAgGA1UEAwwBczCB"
    "njANBgkqhkiG9w0BAQEFAAOBjAAwgYgCgYAAubXdnq4aIgdYMxZIMgw/T91xp2uAAIW9jdfbY9DY"
    "pCZn+bmiFuz46VPmBY0tTU3CVmTKw8ik4ueKd1PeMhMCw06XeqJcC9Ij0z1GeamsWoe9LpwYPhBt"
    "3dKU4ekODcUCrnwrS4xm2BIRGgJgBpV0vNOfdjrZNTjlrpBe/1jjswIDAQABo1MwUTAdBgNVHQ4E"
    "FgQU6gH9WOCJp0E1Xr+pFaskOA/7JYcwHwYDVR0jBBgwFoAU6gH9WOCJp0E1Xr+pFaskOA/7JYcw"
    "DwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOBgABUiBj1VtG7TtwpbNidCUg33eUJONS8"
    "r6QPLVA0Bm4v+7a7cBX8gZySIYYc0jriYBzjtyygUFOm/FgFvWddjojFl1mTL+fWVQR+0kwfcMyt"
    "PwC8bDmv2rQnD8QMo7vVFcG3PLWvGZmBkqtV+6asw1v6ZLy3PtoQp9aBe1gbixUQ";

// The same, as PKCS#1.
inline constexpr std::string_view kShortKey =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICWAIBAAKBgAC5td2erhoiB1gzFkgyDD9P3XGna4AAhb2N19tj0NikJmf5uaIW\n"
    "7PjpU+YFjS1NTcJWZMrDyKTi54p3U94yEwLDTpd6olwL0iPTPUZ5qaxah70unBg+\n"
    "EG3d0pTh6Q4NxQKufCtLjGbYEhEaAmAGlXS80592Otk1OOWukF7/WOOzAgMBAAEC\n"
    "gYAAlb+Ou1uMexANEPTQtnqlutLHyMaoasNtPClpIS3Q41yMzxPfHjlr5Unf224h\n"
    "r4oaQOv5jLIIM2edgedA7oPhyll52JKlYJbJQ2jhBldbckrBORn9xLLn99nnUCXW\n"
    "H5n3xhdz+YArlsQz/C4e9iG3jWC+gbFjppj9wS6dF1Q2AQJADz/9L2iT4V7X3jac\n"
    "Kf4zyeero57iy+uj8f/7tXkUf+raWc9MVPhWVhlEpo2JFSiyloA6RrWNvwT7s3h9\n"
    "nsqEMwJADC2CF3eaydhjNWpRwwd+XrzxVEqdq/YqEQR9FhcP1ye3nTeP2guCUvHb\n"
    "poOyQFqffRDTcGBOoUPjf5UGmcyigQJAAzLl9fLWyjhtyYPk//39eQWqgDjM0/+K\n"
    "tTF/6BIM1cQ6pwoPtecdnRPRzan0rkaKJ32gO8LLh90QuxW0LAHI9wJAC0OEksQ0\n"
    "TgJyMRP4MFacEnDdH0Qs9sOoQTlPocEPC8lW0npz+hCvKJ1At5IUq+Wmo32OtOC/\n"
    "mfY7VOS4yEU5AQJADAHYjhmMzeaoCr/1Kto0Dw6Sh7r2bsRtyJwbLw81Ms7CLVof\n"
    "FgfNy0iqI6VYaW3/pNDRPpwxSMlzo30EWypedg==\n"
    "-----END RSA PRIVATE KEY-----\n";

// Ed25519.
inline constexpr std::string_view kEdwardsCertificate =
    "MIIBMDCB46ADAgECAhRACqMXylQx+KTmFQK0VxJXcMqcLjAFBgMrZXAwDTELMAkGA1UEAwwCZWQw"
    "IBcNMjYxMTMwMDYxMDIzWhgPMjEyNjExMDYwNjEwMjNaMA0xCzAJBgNVBAMMAmVkMCowBQYDK2Vw"
    "AyEA8TiPPqDyH5A41xwdiAwcDiahLEM3XNZQMYsNXGsZxMyjUzBRMB0GA1UdDgQWBBQXCNiKsyeq"
    "+Qb6VaUu4WG8VY7loTAfBgNVHSMEGDAWgBQXCNiKsyeq+Qb6VaUu4WG8VY7loTAPBgNVHRMBAf8E"
    "BTADAQH/MAUGAytlcANBAJ93+K4ZwOk2hPPzKjmZa20FVXKgDlRlodLSyNZ3KA8ncuN/0qM2aRWa"
    "SYptUNx2FM+S5AMQ7ShTkQeF2biDBgc=";

// kServiceKey under a password.
inline constexpr std::string_view kEncryptedKey =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI2lHJmSj4sjUCAggA\n"
    "MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBCxXn6WzDyPSVm0RbOyHht3BIIE\n"
    "0N6max/F20/amJR2RBwPubom+y9t1CKWSqT4rxZLwOlik63XRosnbTB4UQmJSArl\n"
    "YgUY335XqyZMWUe1juSyg1ZRkJg+84Mt6BMzwayFtxyvhOx4kKQ7jAMcA8flwyAb\n"
    "43g0fRk5j2gN+O1Ol3a+lDm12c5/N4VLn9wCHLU8We4mJ6Vy/NyyVxpCUyorDMzJ\n"
    "gU5SEZgMVTWjbGKKlBww34WSjFNwW7VaC29W2TU7y0ISdIKBVJ2H9u3aNd8/cbo3\n"
    "656bxuXCJosyCXXyqYleiBgC3vzvsBwk2dn5xMKnDk/+QtqGXrYHQOGEPPx4OeQu\n"
    "CgjpR0ODT8mQe6S3RMKYMSdA7gXCdSFXxDQ/iCfVNoFu4AHa2xaRUHtfTFY5NZQ5\n"
    "1LInOh2lMvxmoYFz3ECZCY2PDe2Ma+t0swsJbZ64sL+xT8xV3opBjezqksuwszoy\n"
    "xtWTTQPq5bZZ9vQS6+s8xFVaaN0GWF75oNPhoNSPaUsg2Z4W2g0NnjD979KfdUwD\n"
    "WidEzA0I6R/XQUTz6MFci4DotKgfEczqptaaUWCwBG6IETOpVnvisRUlw0lzy5Ud\n"
    "eo86i/ti1va+Uf6eRDvV2JNljvBwKdT+ntRkxQawlXm19/PECaGAdSpbzAneK/pn\n"
    "lGQiDDnykMOHBHF6c6jCvO89sKF8H/v7P9UFgmChBtemwjn9CjejSFMeiejYaPzZ\n"
    "wkzSMICj7gixSmAA/zwtj0ECUEGJittTUupcR2YVgfWNv/IsoWJeK6mkXchqJwFY\n"
    "o/M5gdXugLpvkkb9p6sJf5VztJCxrZXDU1/sXDOmWrelGfAGWX0TmCjQ3duwW9lM\n"
    "S9hUFpM7RqJonutB9WtxBXLvjqGe6Pvex4qzXsljRaZz6lZbvg742fp3eoignR39\n"
    "XISinRrX3U19ZspcGemtecz2Ip23bTrIMl0hpBi3l4YSkniLmPbiiHv8rEiIAWjJ\n"
    "4jYE9GebImknUu2P7D+t5b4uZQBRjk5c8cfs0JeDsXf0f5fBCif4vuNWe15f7hK3\n"
    "hFI5PQ8UUozoKFDPlYqbAC0ZDxD33z7On0jP3gzKdUslxg6iZUaVxXz9Lj5gF930\n"
    "OZ96gHaQQYKeP1uTS3/lr7xVwW0kITMKZHYQHBi+q430h2E8JudlCdOgOV8e61Yt\n"
    "ZhRALH/JgIcV7EE4SZx2pBhYLBcRjTOqwjAadiy2oWwJCYIgpGS/gSDoLCph0+xm\n"
    "GvUhLqwsEHMLhKMX+bkueAXvYkhzr+jFaXPhn/N3y9O2oaDReI49CdMAEFd8sXyN\n"
    "otf457SEd+gb0j1laJFe8zp0HJfHkPZS4xEDwW/cBMAnFhg/p9pM20xU2yV2hXIF\n"
    "z2UyVq73la4UP1tSO6+e5WDGJTZFE7vOo+/OPQ3Eyo5F3MocfqxXI50VHsdME3Lj\n"
    "DLpNqUK02K3tiXMy35H6YdinRwhoUgba/lAJPNvzz34zPt9q4iO3pn6ldgt5WGfW\n"
    "o/hxoeb0EYuxMP4A4rm7dY20J0aTQMkm5nULmzO15tPcsgOAfSxlRqgZPFrIE4KV\n"
    "r5whLXKu3lzQ4aHgjiifX63EmComBmff6RdbWa5T/7wDLGqcKpQEGnFIXsceL7TI\n"
    "+6SZOIE9yOO+U/rQDLdZ8tLzug+ouKrBOXnSvmfP/W1G\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

}  // namespace signet::saml
