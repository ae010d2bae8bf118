//! Encrypted connections by `sslmode`, passwords, several hosts: on a server of this test's own, with certificates of an
//! authority that is made here.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use viewkeeper::{Error, connect};

use super::first_line;
use super::own_server::OwnServer;

/// Who may come how: `clear` never encrypted, `either` as wanted, `secret` with a password, `certified` with a certificate.
const WHO: &str = "local all all trust\nhostnossl all clear 127.0.0.1/32 trust\nhostssl all encrypted 127.0.0.1/32 trust\n\
                   host all either 127.0.0.1/32 trust\nhost all secret 127.0.0.1/32 scram-sha-256\n\
                   hostssl all certified 127.0.0.1/32 cert\n";

struct Server(OwnServer);

impl Server {
    fn start() -> Self {
        let mut server = OwnServer::prepare("tls");
        write_certificates(&server.folder);
        for name in ["server.crt", "server.key", "authority.crt"] {
            server.give(name);
        }
        server.write("pg_hba.conf", WHO);
        server.start(&["ssl=on", "ssl_ca_file=authority.crt"]);
        server
            .admin()
            .batch_execute(
                "CREATE ROLE clear LOGIN; CREATE ROLE encrypted LOGIN; CREATE ROLE either LOGIN; CREATE ROLE certified LOGIN; \
                 CREATE ROLE secret LOGIN PASSWORD 'right'",
            )
            .unwrap();
        Self(server)
    }

    /// Whether the connection is encrypted.
    fn connect(&self, rest: &str) -> Result<bool, Error> {
        let text = format!("host=127.0.0.1 port={} dbname=postgres {rest}", self.0.port);
        let mut client = connect(Some(&text))?;
        let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        Ok(client.query_one(encrypted, &[]).unwrap().get(0))
    }

    fn file(&self, name: &str) -> String {
        self.0.folder.join(name).to_str().unwrap().to_owned()
    }
}

/// An authority, a server's certificate for `localhost` (and not for 127.0.0.1), a client's, and a stranger's authority.
fn write_certificates(folder: &Path) {
    let authority = |name: &str| {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, name);
        CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
    };
    let ours = authority("ours");
    let signed = |names: Vec<String>, common: &str, file: &str| {
        let mut parameters = CertificateParams::new(names).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, common);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &ours).unwrap();
        std::fs::write(folder.join(format!("{file}.crt")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{file}.key")), key.serialize_pem()).unwrap();
    };
    std::fs::write(folder.join("authority.crt"), ours.pem()).unwrap();
    std::fs::write(folder.join("stranger.crt"), authority("somebody else").pem()).unwrap();
    signed(vec!["localhost".to_owned()], "server", "server");
    signed(Vec::new(), "certified", "client");
}

#[test]
fn a_server_is_reached_as_libpq_reaches_it() {
    let server = Server::start();
    encrypted_as_asked_for(&server);
    passwords(&server);
    several_hosts(&server);
}

fn encrypted_as_asked_for(server: &Server) {
    let [ours, stranger] = ["authority.crt", "stranger.crt"].map(|name| server.file(name));
    let client = format!("sslcert={} sslkey={}", server.file("client.crt"), server.file("client.key"));
    // Role, mode, further settings; whether it is encrypted then, or `None` where it must fail.
    let table = [
        ("either", "disable", String::new(), Some(false)),
        ("either", "allow", String::new(), Some(false)),
        ("either", "prefer", String::new(), Some(true)),
        ("either", "require", String::new(), Some(true)),
        ("clear", "prefer", String::new(), Some(false)),
        ("clear", "allow", String::new(), Some(false)),
        ("clear", "require", String::new(), None),
        ("encrypted", "disable", String::new(), None),
        ("encrypted", "allow", String::new(), Some(true)),
        ("encrypted", "prefer", String::new(), Some(true)),
        ("either", "verify-ca", format!("sslrootcert={ours}"), Some(true)),
        ("either", "verify-ca", format!("sslrootcert={stranger}"), None),
        // `require` with a root certificate is `verify-ca`.
        ("either", "require", format!("sslrootcert={stranger}"), None),
        // The certificate is for `localhost`.
        ("either", "verify-full", format!("sslrootcert={ours}"), None),
        ("either", "verify-full", format!("sslrootcert={ours} hostaddr=127.0.0.1 host=localhost"), Some(true)),
        ("either", "verify-full", format!("sslrootcert={stranger} host=localhost"), None),
        ("certified", "require", String::new(), None),
        ("certified", "require", client, Some(true)),
    ];
    for (role, mode, rest, expected) in table {
        let found = server.connect(&format!("user={role} sslmode={mode} {rest}"));
        match (&found, expected) {
            (Ok(encrypted), Some(expected)) => assert_eq!(*encrypted, expected, "{role} {mode} {rest}"),
            (Err(error), None) => assert!(error.is_connection(), "{role} {mode} {rest}: {error}"),
            _ => panic!("{role} {mode} {rest}: {found:?}"),
        }
    }
}

fn passwords(server: &Server) {
    let error = server.connect("user=secret password=wr0ng").unwrap_err();
    assert!(first_line(&error).contains("refuses the password of role `secret`"), "{error}");
    assert!(!format!("{error:?}").contains("wr0ng"));
    let error = server.connect("user=secret").unwrap_err();
    assert!(first_line(&error).contains("asks for the password of role `secret`, and none is given"), "{error}");
    assert!(server.connect("user=secret password=right").unwrap());
    let passfile = server.0.folder.join("passfile");
    std::fs::write(&passfile, format!("127.0.0.1:{}:*:secret:right\n", server.0.port)).unwrap();
    std::fs::set_permissions(&passfile, std::fs::Permissions::from_mode(0o600)).unwrap();
    server.connect(&format!("user=secret passfile={}", passfile.display())).unwrap();
    // As libpq, not one that others can read.
    std::fs::set_permissions(&passfile, std::fs::Permissions::from_mode(0o644)).unwrap();
    server.connect(&format!("user=secret passfile={}", passfile.display())).unwrap_err();
    std::fs::set_permissions(&passfile, std::fs::Permissions::from_mode(0o600)).unwrap();

    let services = server.0.folder.join("services.conf");
    let service = format!("[other]\nhost=nowhere.invalid\n[shop]\nuser=secret\npassfile={}\n", passfile.display());
    std::fs::write(&services, service).unwrap();
    server.connect(&format!("service=shop servicefile={}", services.display())).unwrap();
    // Of several hosts each has its own line.
    let hosts = format!(
        "host=127.0.0.1,127.0.0.1 port=1,{} user=secret dbname=postgres passfile={}",
        server.0.port,
        passfile.display()
    );
    connect(Some(&hosts)).unwrap();
}

fn several_hosts(server: &Server) {
    let text = |attributes: &str| {
        let port = server.0.port;
        format!("postgresql://either@127.0.0.1:1,127.0.0.1:{port}/postgres?target_session_attrs={attributes}")
    };
    for attributes in ["any", "read-write", "primary", "prefer-standby"] {
        connect(Some(&text(attributes))).unwrap_or_else(|error| panic!("{attributes}: {error}"));
    }
    let error = connect(Some(&text("standby"))).err().unwrap().to_string();
    assert!(error.contains("none of 2 attempts") && error.contains("is not a standby"), "{error}");
    assert!(connect(Some(&text("read-only"))).is_err());
    server.0.admin().batch_execute("ALTER ROLE either SET default_transaction_read_only = on").unwrap();
    connect(Some(&text("read-only"))).unwrap();
    assert!(connect(Some(&text("read-write"))).is_err());
    let error = connect(Some(&text("whatever"))).err().unwrap();
    assert_eq!(first_line(&error), "`whatever` is not a value of `target_session_attrs`");
}
