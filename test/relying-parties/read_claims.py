"""Reads ID tokens as a program on PyJWT does: one case as JSON on standard input, the groups of each token on standard output."""

import json
import sys
import urllib.request

import jwt


def at_origin(given, url):
    """The issuer is reached without TLS where it listens."""
    assert url.startswith(given["issuer"] + "/"), url
    return given["origin"] + url[len(given["issuer"]) :]


def verified(given, keys, token):
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "RS256", header
    return jwt.decode(
        token,
        keys[header["kid"]].key,
        algorithms=["RS256"],
        audience=given["client_id"],
        issuer=given["issuer"],
        options={"require": ["iss", "aud", "sub", "iat", "exp"]},
    )


def groups_of(given, keys, token):
    claims = verified(given, keys, token)
    source = claims.get("_claim_names", {}).get(given["claim"])
    if source is None:
        return claims[given["claim"]]
    where = claims["_claim_sources"][source]
    request = urllib.request.Request(
        at_origin(given, where["endpoint"]), headers={"Authorization": "Bearer " + where["access_token"]}
    )
    with urllib.request.urlopen(request) as response:
        fetched = verified(given, keys, response.read().decode())
    assert fetched["sub"] == claims["sub"], fetched["sub"]
    assert fetched["exp"] <= claims["exp"], "the claims outlive the token that refers to them"
    return fetched[given["claim"]]


def main():
    given = json.load(sys.stdin)
    with urllib.request.urlopen(at_origin(given, given["issuer"] + "/jwks")) as response:
        keys = {key["kid"]: jwt.PyJWK(key) for key in json.load(response)["keys"] if key["kty"] == "RSA"}
    json.dump([groups_of(given, keys, token) for token in given["tokens"]], sys.stdout)


main()
