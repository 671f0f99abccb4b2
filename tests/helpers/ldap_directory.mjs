// A real LDAP server, for tests: ldapjs. Arguments: port, people as JSON, PEM of a certificate and key.
// Each has {uid, password, mail, displayName, entryUUID}, groups {cn, member}; like a directory it lets
// nobodies bind.

import { readFileSync } from "node:fs";
import ldap from "ldapjs";

const [port, people, certificate, key] = process.argv.slice(2);
const ROOT = "dc=example";
const READER = "cn=chat,dc=example";
const tls = certificate && { certificate: readFileSync(certificate), key: readFileSync(key) };
const server = ldap.createServer(tls || {});
const entries = JSON.parse(people).map((person) => ({
  dn: person.uid ? `uid=${person.uid},ou=people,${ROOT}` : `cn=${person.cn},ou=groups,${ROOT}`,
  password: person.password,
  attributes: { ...person, password: undefined, objectclass: ["person"] },
}));
let reader = null;

server.bind("", (request, response, next) => {
  const dn = request.dn.toString().replaceAll(", ", ",");
  const known = { [READER]: "reads", "": "" };
  for (const entry of entries) known[entry.dn] = entry.password;
  const isRight = request.credentials === "" || known[dn] === request.credentials;
  if (!isRight) return next(new ldap.InvalidCredentialsError());
  reader = dn;
  response.end();
  return next();
});

server.search(ROOT, (request, response, next) => {
  if (reader !== READER) return next(new ldap.InsufficientAccessRightsError());
  const base = request.dn.toString().replaceAll(", ", ",");
  const isOne = request.scope === "base" || request.scope === 0;
  const found = entries.filter(({ dn }) => (isOne ? dn === base : dn.endsWith(`,${base}`)));
  if (isOne && !found.length) return next(new ldap.NoSuchObjectError());
  for (const { dn, attributes } of found) {
    const described = JSON.parse(JSON.stringify(attributes));
    if (request.filter.matches(described)) response.send({ dn, attributes: described });
  }
  response.end();
  return next();
});

server.listen(Number(port), "127.0.0.1", () => console.log("listening"));
