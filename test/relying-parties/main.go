// Reads ID tokens as two relying parties do: a program on go-oidc, and the API server of Kubernetes, whose own
// authenticator resolves distributed claims (OpenID Connect Core 5.6.2). Gets one case as JSON on standard input, and
// prints what each of them took the groups to be.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	kubernetes "k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
)

// attempts and pause bound the wait for the authenticator, which discovers the issuer in the background.
const (
	attempts = 100
	pause    = 100 * time.Millisecond
)

type input struct {
	Issuer   string `json:"issuer"`
	ClientID string `json:"client_id"`
	// Origin is where the issuer is really reached, without TLS.
	Origin string   `json:"origin"`
	Claim  string   `json:"claim"`
	Tokens []string `json:"tokens"`
}

type output struct {
	GoOIDC     []string `json:"go_oidc"`
	Kubernetes []string `json:"kubernetes"`
}

// toOrigin sends what is meant for the issuer to where it listens: the authenticator insists on https.
type toOrigin struct {
	issuer, origin *url.URL
}

func (t toOrigin) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host != t.issuer.Host {
		return nil, fmt.Errorf("%s is not the issuer", request.URL.Host)
	}
	sent := request.Clone(request.Context())
	sent.URL.Scheme = t.origin.Scheme
	sent.URL.Host = t.origin.Host
	sent.Host = t.issuer.Host
	return http.DefaultTransport.RoundTrip(sent)
}

type source struct {
	Endpoint    string `json:"endpoint"`
	AccessToken string `json:"access_token"`
}

type claims struct {
	Names   map[string]string `json:"_claim_names"`
	Sources map[string]source `json:"_claim_sources"`
}

// fetch gets the JWT of a claim source, which is verified like an ID token.
func fetch(client *http.Client, from source) (string, error) {
	request, err := http.NewRequest(http.MethodGet, from.Endpoint, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+from.AccessToken)
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the claim source answered %s", response.Status)
	}
	return string(body), nil
}

func groupsOf(token *oidc.IDToken, claim string) ([]string, error) {
	var all map[string]json.RawMessage
	if err := token.Claims(&all); err != nil {
		return nil, err
	}
	var groups []string
	err := json.Unmarshal(all[claim], &groups)
	return groups, err
}

func readWithGoOIDC(ctx context.Context, client *http.Client, given input, raw string) ([]string, error) {
	provider, err := oidc.NewProvider(ctx, given.Issuer)
	if err != nil {
		return nil, err
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: given.ClientID})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	var distributed claims
	if err := token.Claims(&distributed); err != nil {
		return nil, err
	}
	name, isDistributed := distributed.Names[given.Claim]
	if !isDistributed {
		return groupsOf(token, given.Claim)
	}
	fetched, err := fetch(client, distributed.Sources[name])
	if err != nil {
		return nil, err
	}
	verified, err := verifier.Verify(ctx, fetched)
	if err != nil {
		return nil, err
	}
	if verified.Subject != token.Subject {
		return nil, fmt.Errorf("the claims are about %s", verified.Subject)
	}
	return groupsOf(verified, given.Claim)
}

func readWithKubernetes(ctx context.Context, client *http.Client, given input, raw string) ([]string, error) {
	authenticator, err := kubernetes.New(kubernetes.Options{
		IssuerURL:     given.Issuer,
		ClientID:      given.ClientID,
		Client:        client,
		UsernameClaim: "sub",
		GroupsClaim:   given.Claim,
	})
	if err != nil {
		return nil, err
	}
	defer authenticator.Close()
	for attempt := 0; ; attempt++ {
		response, authenticated, err := authenticator.AuthenticateToken(ctx, raw)
		if err == nil && authenticated {
			return response.User.GetGroups(), nil
		}
		if err != nil && attempt == attempts {
			return nil, err
		}
		if err == nil && attempt == attempts {
			return nil, fmt.Errorf("the token is not one of this issuer")
		}
		time.Sleep(pause)
	}
}

func run() error {
	var given input
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return err
	}
	issuer, err := url.Parse(given.Issuer)
	if err != nil {
		return err
	}
	origin, err := url.Parse(given.Origin)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: toOrigin{issuer, origin}}
	ctx := oidc.ClientContext(context.Background(), client)
	read := []output{}
	for _, raw := range given.Tokens {
		goOIDC, err := readWithGoOIDC(ctx, client, given, raw)
		if err != nil {
			return fmt.Errorf("go-oidc: %w", err)
		}
		groups, err := readWithKubernetes(ctx, client, given, raw)
		if err != nil {
			return fmt.Errorf("kubernetes: %w", err)
		}
		read = append(read, output{goOIDC, groups})
	}
	return json.NewEncoder(os.Stdout).Encode(read)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
