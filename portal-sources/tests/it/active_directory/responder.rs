//! A directory in this process that answers as Active Directory does where Samba and OpenLDAP do not: at most 1,500
//! values of an attribute and 1,000 entries at a time, places in lists that are forgotten, referrals, empty pages.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use ldap3::asn1::{
    ASNTag, Enumerated, Integer, OctetString, PL, Sequence, Set, StructureTag, Tag, TagClass, parse_tag, parse_uint,
    write,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

pub(crate) const BASE: &str = "DC=corp,DC=example";
const PAGED: &str = "1.2.840.113556.1.4.319";
const MOST_VALUES: usize = 1500;
const MOST_ENTRIES: usize = 1000;

/// An entry: its name and its attributes.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) dn: String,
    pub(crate) attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

/// How a directory misbehaves.
#[derive(Clone, Default)]
pub(crate) struct Manners {
    /// The connection is cut when this many pages were given.
    pub(crate) cut_after_pages: Option<usize>,
    /// So many times the place in a list is forgotten, with this code.
    pub(crate) forgets: usize,
    pub(crate) forgets_with: u32,
    /// Every page is followed by an empty one.
    pub(crate) empty_pages: bool,
    /// Searches end with this code at once.
    pub(crate) code: Option<u32>,
    /// Further ranges of members end with this code.
    pub(crate) range_code: Option<u32>,
    /// Further ranges have no members, as if the list had become shorter.
    pub(crate) range_shrinks: bool,
    /// Who logs in gets this code and text.
    pub(crate) bind: Option<(u32, &'static str)>,
    /// Nothing is ever answered.
    pub(crate) silent: bool,
    /// Answers are no LDAP.
    pub(crate) gibberish: bool,
}

/// What a search asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) attributes: Vec<String>,
    pub(crate) page_size: Option<usize>,
    pub(crate) entries: usize,
}

/// A running directory; it ends with the test's runtime.
pub(crate) struct Responder {
    pub(crate) url: String,
    pub(crate) ca_file: PathBuf,
    state: Arc<Mutex<State>>,
    _folder: TempDir,
}

struct State {
    entries: Vec<Entry>,
    manners: Manners,
    asked: Vec<Asked>,
    pages: usize,
    connections: usize,
}

impl Responder {
    pub(crate) async fn start(entries: Vec<Entry>, manners: Manners) -> Responder {
        let folder = tempfile::tempdir().expect("a folder");
        let ca_file = folder.path().join("ca.pem");
        let acceptor = acceptor(&ca_file);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State { entries, manners, asked: Vec::new(), pages: 0, connections: 0 }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, state) = (acceptor.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    if let Ok(mut stream) = acceptor.accept(stream).await {
                        state.lock().expect("not poisoned").connections += 1;
                        serve(&mut stream, &state).await;
                        state.lock().expect("not poisoned").connections -= 1;
                    }
                });
            }
        });
        Responder { url: format!("ldaps://127.0.0.1:{}", address.port()), ca_file, state, _folder: folder }
    }

    /// How many connections are open.
    pub(crate) fn connections(&self) -> usize {
        self.state.lock().expect("not poisoned").connections
    }

    /// Every search so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().expect("not poisoned").asked.clone()
    }
}

fn acceptor(ca_file: &std::path::Path) -> TlsAcceptor {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    let certificate = certificate.signed_by(&key, &authority).expect("a certificate");
    std::fs::write(ca_file, authority.pem()).expect("a file");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("key and certificate fit");
    TlsAcceptor::from(Arc::new(tls))
}

async fn serve<S: AsyncReadExt + AsyncWriteExt + Unpin>(stream: &mut S, state: &Mutex<State>) {
    let mut buffer = Vec::new();
    loop {
        let (rest, message) = match parse_tag(&buffer) {
            Ok((rest, message)) => (rest.to_vec(), message),
            Err(_) => match stream.read_buf(&mut buffer).await {
                Ok(read) if read > 0 => continue,
                _ => return,
            },
        };
        buffer = rest;
        let answer = answer(message, &mut state.lock().expect("not poisoned"));
        let Some(answer) = answer else { return };
        if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

/// The bytes that answer a message; `None` ends the connection.
fn answer(message: StructureTag, state: &mut State) -> Option<Vec<u8>> {
    let mut parts = message.expect_constructed()?.into_iter();
    let id = parts.next()?.expect_primitive()?;
    let (_, id) = parse_uint(&id).ok()?;
    let operation = parts.next()?;
    if state.manners.silent {
        return Some(Vec::new());
    }
    if state.manners.gibberish {
        return Some(b"\x30\x03\x02\x01\x01HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    }
    let mut out = Vec::new();
    match operation.id {
        0 => {
            let (code, text) = state.manners.bind.unwrap_or((0, ""));
            out.extend(encoded(id, result(1, code, text), None));
        }
        3 => {
            let control = parts.next().and_then(paged);
            search(id, operation, control, state, &mut out)?;
        }
        _ => return None,
    }
    Some(out)
}

/// Size and cookie of the control for pages.
fn paged(controls: StructureTag) -> Option<(usize, Vec<u8>)> {
    for control in controls.expect_constructed()? {
        let mut parts = control.expect_constructed()?.into_iter();
        if parts.next()?.expect_primitive()? == PAGED.as_bytes() {
            let value = parts.last()?.expect_primitive()?;
            let mut parts = parse_tag(&value).ok()?.1.expect_constructed()?.into_iter();
            let size = parts.next()?.expect_primitive()?;
            return Some((usize::try_from(parse_uint(&size).ok()?.1).ok()?, parts.next()?.expect_primitive()?));
        }
    }
    None
}

fn search(
    id: u64,
    operation: StructureTag,
    control: Option<(usize, Vec<u8>)>,
    state: &mut State,
    out: &mut Vec<u8>,
) -> Option<()> {
    let mut parts = operation.expect_constructed()?.into_iter();
    let base = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
    let filter = parts.nth(5)?;
    let attributes = parts.next()?.expect_constructed()?.into_iter();
    let attributes: Vec<String> =
        attributes.filter_map(|name| String::from_utf8(name.expect_primitive()?).ok()).collect();
    let manners = state.manners.clone();
    let done = |code: u32, text: &str| result(5, code, text);
    let ranged = attributes.iter().any(|name| name.contains(";range="));
    if !base.eq_ignore_ascii_case(BASE) {
        out.extend(encoded(id, done(32, "0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT)"), None));
        return Some(());
    }
    if let Some(code) = manners.code.or(manners.range_code.filter(|_| ranged)) {
        out.extend(encoded(id, done(code, "as the test wants it"), None));
        return Some(());
    }
    let found: Vec<&Entry> = state.entries.iter().filter(|entry| fits(&filter, entry).unwrap_or(false)).collect();
    let (size, cookie) = control.clone().unwrap_or((MOST_ENTRIES, Vec::new()));
    let from: usize = String::from_utf8(cookie.clone()).ok()?.trim_end_matches('e').parse().unwrap_or(0);
    if from > 0 && manners.forgets > 0 {
        state.manners.forgets -= 1;
        out.extend(encoded(
            id,
            done(manners.forgets_with, "00000057: LdapErr: comment: Error processing control"),
            None,
        ));
        return Some(());
    }
    if manners.cut_after_pages.is_some_and(|pages| state.pages >= pages) {
        return None;
    }
    let pause = manners.empty_pages && from > 0 && !cookie.ends_with(b"e");
    let size = if pause { 0 } else { size.min(MOST_ENTRIES) };
    let page: Vec<&&Entry> = found.iter().skip(from).take(size).collect();
    for entry in &page {
        out.extend(encoded(id, shown(entry, &attributes, manners.range_shrinks && ranged), None));
    }
    let to = from + page.len();
    let last = to >= found.len();
    let count = page.len();
    if last {
        let elsewhere = "ldaps://elsewhere.example/CN=Configuration,DC=corp,DC=example";
        let reference =
            Sequence { id: 19, class: TagClass::Application, inner: vec![text(elsewhere.as_bytes().to_vec())] };
        out.extend(encoded(id, Tag::Sequence(reference), None));
    }
    let next = match (last, pause) {
        (true, _) => String::new(),
        (_, true) => format!("{to}e"),
        _ => to.to_string(),
    };
    let code = if control.is_none() && !last { 4 } else { 0 };
    out.extend(encoded(id, done(code, ""), control.as_ref().map(|_| next)));
    state.pages += 1;
    state.asked.push(Asked { attributes, page_size: control.map(|(size, _)| size), entries: count });
    Some(())
}

/// Whether an entry fits: and, or, not, equal, present. What is not known is not true.
fn fits(filter: &StructureTag, entry: &Entry) -> Option<bool> {
    let inner = || match &filter.payload {
        PL::C(inner) => inner.as_slice(),
        PL::P(_) => &[],
    };
    let values = |name: &[u8]| {
        let name = String::from_utf8_lossy(name).to_lowercase();
        entry.attributes.iter().find(|(known, _)| known.to_lowercase() == name).map(|(_, values)| values)
    };
    Some(match filter.id {
        0 => inner().iter().all(|part| fits(part, entry).unwrap_or(false)),
        1 => inner().iter().any(|part| fits(part, entry).unwrap_or(false)),
        2 => !fits(inner().first()?, entry)?,
        3 => {
            let [name, value] = inner() else { return None };
            let (PL::P(name), PL::P(value)) = (&name.payload, &value.payload) else { return None };
            values(name).is_some_and(|all| all.iter().any(|one| one.eq_ignore_ascii_case(value)))
        }
        7 => match &filter.payload {
            PL::P(name) => values(name).is_some(),
            PL::C(_) => return None,
        },
        _ => return None,
    })
}

/// An entry with the attributes that were asked for, members by 1,500.
fn shown(entry: &Entry, attributes: &[String], shrinks: bool) -> Tag {
    let mut parts = Vec::new();
    for name in attributes {
        let (bare, from) = match name.split_once(";range=") {
            Some((bare, range)) => (bare, range.split('-').next().and_then(|from| from.parse().ok()).unwrap_or(0)),
            None => (name.as_str(), 0),
        };
        let Some(values) = entry.attributes.get(bare) else { continue };
        if values.len() <= MOST_VALUES && from == 0 {
            parts.push(attribute(bare, values));
            continue;
        }
        let to = (from + MOST_VALUES).min(values.len());
        if from >= values.len() || shrinks && from > 0 {
            continue;
        }
        let end = if to == values.len() { "*".to_owned() } else { (to - 1).to_string() };
        parts.push(attribute(bare, &[]));
        parts.push(attribute(&format!("{bare};range={from}-{end}"), &values[from..to]));
    }
    let inner =
        vec![text(entry.dn.clone().into_bytes()), Tag::Sequence(Sequence { inner: parts, ..Default::default() })];
    Tag::Sequence(Sequence { id: 4, class: TagClass::Application, inner })
}

fn attribute(name: &str, values: &[Vec<u8>]) -> Tag {
    let values = Set { inner: values.iter().cloned().map(text).collect(), ..Default::default() };
    Tag::Sequence(Sequence { inner: vec![text(name.as_bytes().to_vec()), Tag::Set(values)], ..Default::default() })
}

fn result(operation: u64, code: u32, words: &str) -> Tag {
    let code = Tag::Enumerated(Enumerated { inner: i64::from(code), ..Default::default() });
    let inner = vec![code, text(Vec::new()), text(words.as_bytes().to_vec())];
    Tag::Sequence(Sequence { id: operation, class: TagClass::Application, inner })
}

fn text(inner: Vec<u8>) -> Tag {
    Tag::OctetString(OctetString { inner, ..Default::default() })
}

fn number(inner: u64) -> Tag {
    Tag::Integer(Integer { inner: i64::try_from(inner).expect("small"), ..Default::default() })
}

fn bytes(tag: Tag) -> Vec<u8> {
    let mut buffer = bytes::BytesMut::new();
    write::encode_into(&mut buffer, tag.into_structure()).expect("it can be encoded");
    buffer.to_vec()
}

/// A whole message, with the control for pages if there is a cookie.
fn encoded(id: u64, operation: Tag, cookie: Option<String>) -> Vec<u8> {
    let mut inner = vec![number(id), operation];
    if let Some(cookie) = cookie {
        let value = Sequence { inner: vec![number(0), text(cookie.into_bytes())], ..Default::default() };
        let control = vec![text(PAGED.as_bytes().to_vec()), text(bytes(Tag::Sequence(value)))];
        let control = Tag::Sequence(Sequence { inner: control, ..Default::default() });
        inner.push(Tag::Sequence(Sequence { id: 0, class: TagClass::Context, inner: vec![control] }));
    }
    bytes(Tag::Sequence(Sequence { inner, ..Default::default() }))
}
