/**
 * The passwords of eight characters and more that everybody tries first: the top of the published
 * lists of leaked ones, lower-case. What is shorter the length refuses.
 */
const list = `
password password1 password12 password123 password1234 password2 password01 passw0rd passw0rd1 p@ssw0rd
p@ssword p@ssword1 p@ssw0rd1 12345678 123456789 1234567890 12345678910 123456789a 123456789q 0123456789
987654321 9876543210 87654321 11111111 111111111 1111111111 00000000 000000000 0000000000 22222222
33333333 44444444 55555555 66666666 77777777 88888888 99999999 12121212 123123123 12341234 123321123
11223344 1122334455 112233445566 123454321 1234554321 13131313 147258369 147852369 159753456 741852963
789456123 963852741 123456123 123456abc 12345qwert 123qweasd 123qweasdzxc 1234qwer 1234abcd 12345abc 123abc123
1qaz2wsx 1qaz2wsx3edc 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 1qazxsw2 zaq12wsx zaq1zaq1 zaq1xsw2
qazwsxedc qazwsx123 qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwer1234 qweasdzxc qwe123qwe
qweqweqwe qwert123 qwertz123 qwertzui qwertzuiop azertyui azertyuiop asdfghjk asdfghjkl asdf1234 asdfasdf asdasdasd
asd123asd zxcvbnm1 zxcvbnm123 zxcvbnm, abcd1234 abc12345 abc123456 abc123abc abcdefgh abcdefghi abcdefghij aa123456
aa12345678 a1234567 a12345678 a123456789 a1b2c3d4 a1b2c3d4e5 q1234567 aaaaaaaa aaaaaaaaa aaaaaaaaaa qqqqqqqq zzzzzzzz
xxxxxxxx iloveyou iloveyou1 iloveyou2 iloveyou123 iloveyou! ilovegod ilovejesus ilovemyself sunshine sunshine1 princess
princess1 football football1 baseball baseball1 basketball softball1 superman superman1 batman123 spiderman starwars
startrek pokemon1 pokemon123 minecraft fortnite1 computer computer1 internet internet1 samsung1 welcome1 welcome12
welcome123 welcome! welcome1! whatever whatever1 trustno1 trustno1! jennifer jordan23 michael1 michelle charlie1
charlotte danielle jessica1 ashley12 alexander alexandra anthony1 benjamin christian christopher elizabeth victoria
veronica samantha stephanie nicholas nathaniel patricia butterfly chocolate chocolate1 strawberry blueberry cheesecake
liverpool liverpool1 chelsea1 manchester arsenal1 barcelona realmadrid juventus bayern123 steelers cowboys1 lakers24
master123 monkey123 dragon123 dragon12 shadow123 hunter123 hunter12 freedom1 freedom123 letmein1 letmein12 letmein123
letmein! admin123 admin1234 admin12345 admin@123 administrator root1234 rootroot toor1234 guest123 guest1234 user1234
test1234 test12345 testtest testing1 testing123 changeme changeme1 changeme123 default1 secret123 secret12 topsecret
security1 login123 access14 access123 hello123 hello1234 hellohello hello12345 helloworld loveyou1 lovelove love1234
lovely123 mylove123 babygirl babygirl1 sweetheart angel123 angel1234 blink182 metallica slipknot1 rockstar rockstar1
summer12 summer123 summer2020 summer2021 summer2022 summer2023 summer2024 summer2025 summer2026 winter12 winter123
winter2020 winter2021 winter2022 winter2023 winter2024 winter2025 winter2026 spring2024 spring2025 spring2026
autumn2024 autumn2025 january1 monday123 november december christmas password! password1! password123! password.
passwort passwort1 passwort123 passwort12 hallo123 hallo1234 hallohallo schalke04 fussball schatz123 sommer123
sommer2024 sommer2025 sommer2026 winter2019 geheim123 passwortt motdepasse motdepasse1 azerty123 bonjour1 contrasena
contraseña tequiero teamo123 estrella mustang1 corvette ferrari1 mercedes porsche911 porsche1 yamaha123 thunder1
midnight midnight1 phoenix1 november1 remember maverick maverick1 scorpion gangster gangsta1 einstein pineapple
marlboro1 marijuana asshole1 fuckyou1 fuckyou2 fuckyou123 fuckyou! bullshit biteme123 1password 2password
ticket123 tickets1 tickets123 concert1 concert123 frontrow frontrow1 frontrow123 musicmusic music123
`

export const commonPasswords: ReadonlySet<string> = new Set(list.split(/\s+/).filter(Boolean))
